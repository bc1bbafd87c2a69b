import { useEffect } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { useAddress } from '../address.ts';
import type { Answer } from '../graph.ts';
import { codesOf } from '../graph.ts';
import { ChevronLeft, ChevronRight } from './icons.tsx';
import { focusResults } from './results.tsx';
import { texts } from './texts.ts';

export const PAGE_SIZE = 25;

/** What takes a list back to its first page, among changes to its address. */
export const firstPage = { apres: null, avant: null };

interface PageInfo { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
export interface Paging { first?: number; after?: string | null; last?: number; before?: string | null }

/** The page the address asks for (`apres` or `avant` a cursor), as a connection's arguments. */
export function pagingOf(params: URLSearchParams, size = PAGE_SIZE): Paging {
  const before = params.get('avant');
  if (before) return { last: size, before };
  return { first: size, after: params.get('apres') };
}

/** Ways to the next and previous pages; the reader is taken to the count of results, above them. */
export function Pager({ pageInfo, address }: { pageInfo: PageInfo; address: ReturnType<typeof useAddress> }) {
  const { params, hrefWith } = address;
  const isAfterFirst = params.has('apres') || pageInfo.hasPreviousPage;
  if (!isAfterFirst && !pageInfo.hasNextPage) return null;
  const moved = () => {
    scrollTo(0, 0);
    focusResults();
  };
  return (
    <nav class="pager" aria-label={texts.pager.label}>
      {isAfterFirst && pageInfo.startCursor && (
        <Link class="button" onClick={moved} href={hrefWith({ apres: null, avant: pageInfo.startCursor })}>
          <ChevronLeft /> {texts.pager.previous}
        </Link>
      )}
      {pageInfo.hasNextPage && pageInfo.endCursor && (
        <Link class="button" onClick={moved} href={hrefWith({ apres: pageInfo.endCursor, avant: null })}>
          {texts.pager.next} <ChevronRight />
        </Link>
      )}
    </nav>
  );
}

/** Puts right an address that no longer stands: a cursor of another list, or a page « before » that has reached the top. */
export function usePageRepair(address: ReturnType<typeof useAddress>, answer: Answer<unknown>, pageInfo: PageInfo | undefined) {
  const { params, hrefWith, navigate } = address;
  const isBadCursor = codesOf(answer.error).includes('BAD_CURSOR');
  const isBackAtTop = !answer.isWaiting && params.has('avant') && pageInfo?.hasPreviousPage === false;
  useEffect(() => {
    if (isBadCursor || isBackAtTop) navigate(hrefWith(firstPage), { replace: true });
  }, [isBadCursor, isBackAtTop]);
}
