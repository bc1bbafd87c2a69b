import { graphql } from '../graphql.ts';
import { PAGE_SIZE } from '../ui/pager.tsx';
import { courrierPath } from './rows.tsx';

/** Where in which list a letter was opened: its address holds it, so that the letters before and after are known after a reload too. */
export interface Place {
  /** What the address of the list's page says after « ? ». */
  list: string;
  /** The letter's cursor in the list: its place stays known once the letter has left the list, read or archived. */
  here: string;
  /** Its rank on the page. */
  rank: number;
}

export function placeOf(params: URLSearchParams): Place | null {
  const here = params.get('ici');
  const rank = Number(params.get('rang') ?? 0);
  return here ? { list: params.get('liste') ?? '', here, rank: Number.isInteger(rank) && rank >= 0 && rank < PAGE_SIZE ? rank : 0 } : null;
}

export function letterPath(id: string, { list, here, rank }: Place): string {
  return `${courrierPath(id)}?${new URLSearchParams({ ...(list && { liste: list }), ici: here, rang: String(rank) }).toString()}`;
}

export const pageOf = ({ list }: Place) => (list ? `/courriers?${list}` : '/courriers');

/** The place of the letter after, or before: on this page of the list, or on the one beyond its border. */
export function beside(place: Place, here: string, step: 1 | -1): Place {
  const rank = place.rank + step;
  if (rank >= 0 && rank < PAGE_SIZE) return { ...place, here, rank };
  const list = new URLSearchParams(place.list);
  list.delete('apres');
  list.delete('avant');
  list.set(step > 0 ? 'apres' : 'avant', place.here);
  return { list: list.toString(), here, rank: step > 0 ? 0 : PAGE_SIZE - 1 };
}

/** The filters of an address, without the page. */
export function listOf(params: URLSearchParams): string {
  const list = new URLSearchParams(params);
  list.delete('apres');
  list.delete('avant');
  return list.toString();
}

export const NeighboursQuery = graphql(`
  query Neighbours($here: String!, $filter: CourrierFilter, $orderBy: CourrierOrder) {
    viewer {
      before: courriers(last: 1, before: $here, filter: $filter, orderBy: $orderBy) { edges { cursor node { id subject } } }
      after: courriers(first: 1, after: $here, filter: $filter, orderBy: $orderBy) { edges { cursor node { id subject } } }
    }
  }
`);

/** The letter that was left for its list: the list gives it the focus back. */
let left: { id: string; page: string; at: number } | null = null;
/** So long after, one has been elsewhere meanwhile. */
const RECENT = 10_000;

export function leave(id: string, page: string): void {
  left = { id, page, at: Date.now() };
}

/** The letter that has just been left for this page of the list, once. */
export function leftFor(page: string): string | null {
  const id = left?.page === page && Date.now() - left.at < RECENT ? left.id : null;
  left = null;
  return id;
}

export const rowId = (id: string) => `ligne-${id}`;
