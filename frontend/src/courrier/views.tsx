import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { useAddress } from '../address.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { lazily } from '../ui/lazy.tsx';
import { firstPage } from '../ui/pager.tsx';
import { listOf } from './place.ts';
import { texts } from './texts.ts';

const SavedViewsQuery = graphql(`query SavedViews { viewer { savedViews { id name query } } }`);

const ManageViews = lazily(async () => (await import('./manage-views.tsx')).default, 'section');
const words = texts.inbox;

/** All, unread, due, archived; then the views one has named. */
export function Views({ address: { params, hrefWith }, unread }: { address: ReturnType<typeof useAddress>; unread: number }) {
  const current = params.get('vue') ?? '';
  const [isOpen, open] = useState(false);
  const { data } = useAnswer(SavedViewsQuery, {});
  const saved = data?.viewer?.savedViews ?? [];
  const here = listOf(params);
  return (
    <>
      <nav class="views" aria-label={words.views}>
        <ul>
          {(Object.keys(words.view) as (keyof typeof words.view)[]).map((view) => (
            <li key={view}>
              <Link href={hrefWith({ ...firstPage, vue: view })} aria-current={current === view ? 'page' : undefined}>
                {words.view[view]}{view === 'non-lus' && unread > 0 && <span class="count"> {unread.toLocaleString('fr-FR')}</span>}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {(saved.length > 0 || here) && (
        <nav class="views views-small" aria-label={texts.saved.title}>
          <ul>
            {saved.map(({ id, name, query }) => (
              <li key={id}><Link href={query ? `/courriers?${query}` : '/courriers'} aria-current={query === here ? 'true' : undefined}>{name}</Link></li>
            ))}
            <li><button type="button" class="link" aria-haspopup="dialog" onClick={() => open(true)}>{here && saved.every(({ query }) => query !== here) ? texts.saved.save : texts.saved.manage}</button></li>
          </ul>
        </nav>
      )}
      {isOpen && <ManageViews views={saved} here={here} onClose={() => open(false)} />}
    </>
  );
}
