import type { ComponentChildren } from 'preact';
import { useAddress } from '../address.ts';
import { inFigures, withTime } from '../dates.ts';
import type { Answer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { browserOf } from '../ui/browser.ts';
import { Failure } from '../ui/failure.tsx';
import { chipsOf, Filters, type Control } from '../ui/filters.tsx';
import { ArrowRight, Download } from '../ui/icons.tsx';
import { Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { ResultCount } from '../ui/results.tsx';
import { Table } from '../ui/table.tsx';
import { typeset } from '../ui/typography.ts';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';
import './journal.css';

export const EventFields = graphql(`
  fragment EventFields on AuditEvent @_unmask {
    id occurredAt category summary isErased
    establishment { id name }
    changes { field before after }
    origin { address userAgent }
  }
`);

export const EventsPage = graphql(`
  fragment EventsPage on AuditEventConnection @_unmask {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { node { ...EventFields } }
  }
`, [EventFields]);

type Event = ResultOf<typeof EventFields>;
type Category = Event['category'];
const CATEGORIES = Object.keys(texts.categories) as Category[];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What the address asks of a journal, as its arguments. */
export function eventsAsked(params: URLSearchParams) {
  const category = CATEGORIES.find((each) => each === params.get('categorie'));
  const [from, until] = [params.get('du') ?? '', params.get('au') ?? ''];
  const search = params.get('q');
  return {
    ...pagingOf(params),
    filter: { ...(category && { categories: [category] }), ...(DAY.test(from) && { from }), ...(DAY.test(until) && { until }), ...(search && { search }) },
  };
}

const controls: Control[] = [
  { kind: 'choice', name: 'categorie', label: texts.kind, options: CATEGORIES.map((value) => ({ value, label: texts.categories[value] })) },
  { kind: 'date', name: 'du', label: texts.since },
  { kind: 'date', name: 'au', label: texts.until },
];

const shown = (control: Control, value: string) =>
  control.kind === 'date' ? (DAY.test(value) ? inFigures(value) : value) : texts.categories[value as Category] ?? value;

interface JournalProps {
  answer: Answer<unknown>;
  list: ResultOf<typeof EventsPage> | null | undefined;
  /** Whose journal the file is of: parameters of its address. */
  of?: Record<string, string>;
  withEstablishment?: boolean;
}

/** A journal: filters that live in the address, its events page by page, the same as a file. */
export function Journal({ answer, list, of = {}, withEstablishment }: JournalProps) {
  const address = useAddress();
  const { error, again, isWaiting } = answer;
  usePageRepair(address, answer, list?.pageInfo);
  const asked = new URLSearchParams(of);
  for (const name of ['q', 'categorie', 'du', 'au']) {
    const value = address.params.get(name);
    if (value) asked.set(name, value);
  }
  return (
    <>
      <Filters address={address} searchLabel={texts.search} controls={controls} chips={chipsOf(address.params, texts.search, controls, shown)} />
      {error && !list && <Failure error={error} again={again} />}
      {!list && !error && <Waiting lines={8} />}
      {list && (
        <>
          <div class="list-head">
            <ResultCount>{list.totalCount ? texts.found(list.totalCount) : texts.empty}</ResultCount>
            {list.totalCount > 0 && <a class="button" href={`/journal.csv?${asked}`} download><Download /> {texts.export}</a>}
          </div>
          <Events events={list.edges.map((edge) => edge.node)} isWaiting={isWaiting} withEstablishment={!!withEstablishment} />
          <Pager pageInfo={list.pageInfo} address={address} />
        </>
      )}
    </>
  );
}

/** Events, the newest first. */
export function Events({ events, isWaiting, withEstablishment }: { events: readonly Event[]; isWaiting?: boolean; withEstablishment?: boolean }) {
  if (!events.length) return null;
  return (
    <Table caption={texts.caption} className="journal" rows={events} keyOf={(event) => event.id} isWaiting={isWaiting ?? false} columns={[
      { header: texts.when, className: 'col-when', cell: (event) => withTime(event.occurredAt) },
      { header: texts.what, className: 'col-what', isRowHeader: true, cell: (event) => <What event={event} /> },
      ...(withEstablishment ? [{ header: texts.where, className: 'col-where', cell: (event: Event) => event.establishment?.name }] : []),
      { header: texts.kind, className: 'col-kind', cell: (event) => texts.categories[event.category] },
      ...(events.some(({ origin }) => origin) ? [{ header: texts.origin, className: 'col-origin', cell: ({ origin }: Event) => origin && <Origin {...origin} /> }] : []),
    ]} />
  );
}

/** What an event says, with what changed. */
export function What({ event: { summary, changes, isErased } }: { event: Event }) {
  return (
    <>
      {typeset(summary)}
      {isErased && <> <span class="tag">{texts.erased}</span></>}
      {changes.length > 0 && <ul class="changes">{changes.map((each) => <li key={each.field}>{each.field} : <FromTo {...each} /></li>)}</ul>}
    </>
  );
}

/** Before and after: an arrow for who sees it, words for who hears it. */
function FromTo({ before, after }: { before: string | null; after: string | null }) {
  if (before === null) return <Value kind="after">{after}</Value>;
  return (
    <>
      <span class="sr-only">{texts.before} </span><Value kind="before">{before}</Value> <ArrowRight />
      <span class="sr-only">, {texts.after} </span> <Value kind="after">{after}</Value>
    </>
  );
}

const Value = ({ kind, children }: { kind: 'before' | 'after'; children: ComponentChildren }) =>
  <span class={`value-${kind}`}>{children ?? texts.nothing}</span>;

function Origin({ address, userAgent }: { address: string | null; userAgent: string | null }) {
  return <>{userAgent && browserOf(userAgent)}{address && <span class="line soft">{texts.address(address)}</span>}</>;
}
