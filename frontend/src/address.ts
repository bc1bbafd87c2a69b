import { useCallback, useMemo } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { useSearch as useBrowserSearch } from 'wouter-preact/use-browser-location';

/** Changes to the address bar's parameters: null or '' takes one out. */
export type Changes = Record<string, string | null | undefined>;

export function addressWith(path: string, search: URLSearchParams | string, changes: Changes): string {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  const text = next.toString();
  return text ? `${path}?${text}` : path;
}

/** What the address says after « ? », as it is written: wouter's own decodes it once too often for one address within another. */
export const useQuery = () => useBrowserSearch().replace(/^\?/, '');

/** The state of a screen, as its address says it. */
export function useAddress() {
  const [path, navigate] = useLocation();
  const search = useQuery();
  const params = useMemo(() => new URLSearchParams(search), [search]);
  const hrefWith = useCallback((changes: Changes) => addressWith(path, params, changes), [path, params]);
  return { path, params, hrefWith, navigate, full: search ? `${path}?${search}` : path };
}

/** A path of ours to come back to, or home: never another site (`//evil`, `https:…`, `/\evil`). */
export function safePath(wanted: string | null): string {
  if (!wanted?.startsWith('/') || !URL.canParse(wanted, location.origin)) return '/';
  const url = new URL(wanted, location.origin);
  if (url.origin !== location.origin || url.pathname.startsWith('//') || url.pathname === '/connexion') return '/';
  return url.pathname + url.search;
}

/** A signed address of a document, as a same-origin path: the only frames and links to files we make. */
export function sameOriginPath(address: string): string {
  const url = new URL(address, location.origin);
  return url.pathname + url.search;
}
