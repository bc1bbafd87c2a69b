import { useEffect } from 'preact/hooks';

interface Leaving { destination: { url: string }; navigationType: string; cancelable: boolean; preventDefault: () => void }

const unsaved = new Set<string>();

/** Whether the screen may be left by something else than a link, the person being asked where something in it is unsaved. */
export const mayLeave = (): boolean => [...unsaved].every((question) => confirm(question));

/** Asks before a screen with something unsaved is left: by a link, the browser's « back », a reload or closing the tab. */
export function useLeavingQuestion(isUnsaved: boolean, question: string) {
  useEffect(() => {
    if (!isUnsaved) return;
    const isElsewhere = (url: string) => new URL(url, location.href).pathname !== location.pathname;
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    const onClick = (event: MouseEvent) => {
      const link = (event.target as Element | null)?.closest?.('a[href]');
      const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
      if (!(link instanceof HTMLAnchorElement) || !isPlain || link.target || link.origin !== location.origin || !isElsewhere(link.href)) return;
      if (confirm(question)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    const onNavigate = (event: Event) => {
      const { destination, navigationType, cancelable } = event as unknown as Leaving;
      if (navigationType === 'traverse' && cancelable && isElsewhere(destination.url) && !confirm(question)) event.preventDefault();
    };
    // Where the browser has it; elsewhere « back » is not asked about.
    const { navigation } = window as unknown as { navigation?: EventTarget };
    unsaved.add(question);
    addEventListener('beforeunload', onUnload);
    addEventListener('click', onClick, { capture: true });
    navigation?.addEventListener('navigate', onNavigate);
    return () => {
      unsaved.delete(question);
      removeEventListener('beforeunload', onUnload);
      removeEventListener('click', onClick, { capture: true });
      navigation?.removeEventListener('navigate', onNavigate);
    };
  }, [isUnsaved, question]);
}
