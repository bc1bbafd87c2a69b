import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Warning } from './icons.tsx';
import { texts } from './texts.ts';
import { Waiting } from './waiting.tsx';

/** A screen, or one section within a screen, whose code comes when it is first shown; an aside, often empty, comes unannounced. */
export function lazily<Props extends object>(load: () => Promise<ComponentType<Props>>, whole: 'screen' | 'section' | 'aside' = 'screen'): ComponentType<Props> {
  let Loaded: ComponentType<Props> | null = null;
  return function Lazy(props: Props) {
    const [state, setState] = useState<'waiting' | 'ready' | 'failed'>(Loaded ? 'ready' : 'waiting');
    useEffect(() => {
      if (Loaded) return;
      load().then((component) => {
        Loaded = component;
        setState('ready');
      }, () => setState('failed'));
    }, []);
    if (Loaded) return <Loaded {...props} />;
    if (whole === 'aside') return null;
    const content = state === 'failed' ? <Outdated isSection={whole === 'section'} /> : <Waiting />;
    return whole === 'section' ? content : <div class="page">{content}</div>;
  };
}

/** The code of this screen is no longer on the server (a new version was put on line), or the line is down. */
function Outdated({ isSection }: { isSection: boolean }) {
  const words = texts.failure.outdated;
  const Heading = isSection ? 'h3' : 'h1';
  return (
    <div class="notice notice-bad" role="alert">
      <Warning />
      <div>
        <Heading>{words.title}</Heading>
        <p>{words.body}</p>
        <button type="button" class="button" onClick={() => location.reload()}>{words.action}</button>
      </div>
    </div>
  );
}
