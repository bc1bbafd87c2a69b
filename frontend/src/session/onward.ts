import { safePath } from '../address.ts';

/** Where one was going before signing in, if anywhere: it goes along with every step between. */
export function wantedPath(search: string): string | null {
  const wanted = new URLSearchParams(search).get('suite');
  return wanted && safePath(wanted) !== '/' ? safePath(wanted) : null;
}

/** A step between, with where one is going afterwards. */
export function onward(path: string, search: string): string {
  const wanted = wantedPath(search);
  return wanted ? `${path}?suite=${encodeURIComponent(wanted)}` : path;
}
