import { useEffect, useState } from 'preact/hooks';
import { reachability } from '../graph.ts';
import { Warning } from './icons.tsx';
import { texts } from './texts.ts';

/** Says that the line is down, or the server, for as long as it is. */
export function Offline() {
  const [isOffline, setOffline] = useState(!navigator.onLine);
  const [isReached, setReached] = useState(true);
  useEffect(() => {
    const look = () => setOffline(!navigator.onLine);
    const hear = (event: Event) => setReached((event as CustomEvent<boolean>).detail);
    reachability.addEventListener('change', hear);
    addEventListener('online', look);
    addEventListener('offline', look);
    return () => {
      reachability.removeEventListener('change', hear);
      removeEventListener('online', look);
      removeEventListener('offline', look);
    };
  }, []);
  return <div role="status">{(isOffline || !isReached) && <p class="bar bar-warn"><Warning /> {isOffline ? texts.offline : texts.unreachable}</p>}</div>;
}
