import { useEffect, useRef } from 'preact/hooks';

const OFF = 'peps.raccourcis';

/** Whether single keys do something here: they can be switched off (WCAG 2.1.4), on this device. */
export function areKeysOn(): boolean {
  try {
    return localStorage.getItem(OFF) !== 'non';
  } catch {
    return true;
  }
}

export function switchKeys(isOn: boolean): void {
  try {
    if (isOn) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, 'non');
  } catch {
    // A browser that keeps nothing: they stay on.
  }
}

/** Whether what has the focus takes letters for itself. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'submit'].includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** What single keys do on this screen: never while one types, in a dialog, or with Ctrl, Alt or Meta. */
export function useKeys(keys: Record<string, () => void>): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
      const act = current.current[event.key];
      if (!act || isTyping(event.target) || document.querySelector('dialog[open]') || !areKeysOn()) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}
