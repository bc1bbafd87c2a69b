import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Warning } from './icons.tsx';
import { texts } from './texts.ts';
import { Waiting } from './waiting.tsx';

/** A screen whose code comes when it is first shown. */
export function lazily<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
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
    return state === 'failed' ? <Outdated /> : <div class="page"><Waiting /></div>;
  };
}

/** The code of this screen is no longer on the server (a new version was put on line), or the line is down. */
function Outdated() {
  const words = texts.failure.outdated;
  return (
    <div class="page">
      <div class="notice notice-bad" role="alert">
        <Warning />
        <div>
          <h1>{words.title}</h1>
          <p>{words.body}</p>
          <button type="button" class="button" onClick={() => location.reload()}>{words.action}</button>
        </div>
      </div>
    </div>
  );
}
