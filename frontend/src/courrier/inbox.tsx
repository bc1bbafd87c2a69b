import { useClient } from '@urql/preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { useViewer } from '../session/session.tsx';
import { Failure } from '../ui/failure.tsx';
import { Filters } from '../ui/filters.tsx';
import { EnvelopeOpen, Info } from '../ui/icons.tsx';
import { lazily } from '../ui/lazy.tsx';
import { Page } from '../ui/page.tsx';
import { firstPage, Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { focusResults, ResultCount } from '../ui/results.tsx';
import { Table, type Column } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { ChooseAddressee, useAddressees } from './addressees.tsx';
import { arrivedIds, useArrived } from './arrivals.tsx';
import { FoundCourrier, isAllOf, Marked } from './extract.tsx';
import { asked, courrierChips, courrierControls, courrierFilter, courrierOrder, FilterChoicesQuery, isOfAll as asksAll, isPlain } from './filters.ts';
import { Keys } from './keys-button.tsx';
import { MarkBar, OutcomeLine, useMarking, type Mark } from './marking.tsx';
import { leftFor, letterPath, rowId } from './place.ts';
import { courrierColumns, CourrierRow, Subject, WITHDRAWN } from './rows.tsx';
import { matching, useTaking, type Matching } from './taking.ts';
import { texts } from './texts.ts';
import { Views } from './views.tsx';
import './courrier.css';

const ListOfCourriers = graphql(`
  fragment ListOfCourriers on CourrierConnection @_unmask {
    totalCount @skip(if: $isSearch)
    countUpTo(limit: 100) @include(if: $isSearch)
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { ...CourrierRow ...FoundCourrier } }
  }
`, [CourrierRow, FoundCourrier]);

const InboxQuery = graphql(`
  query Inbox($first: Int, $after: String, $last: Int, $before: String, $filter: CourrierFilter, $orderBy: CourrierOrder, $isSearch: Boolean!) {
    viewer {
      actingFor {
        id
        administrators { id firstName lastName }
        courriers(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) { ...ListOfCourriers }
      }
    }
  }
`, [ListOfCourriers]);

const InboxOfAllQuery = graphql(`
  query InboxOfAll($first: Int, $after: String, $last: Int, $before: String, $filter: CourrierFilter, $orderBy: CourrierOrder, $isSearch: Boolean!) {
    viewer {
      courrierSummary { unread }
      courriers(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) { ...ListOfCourriers }
    }
  }
`, [ListOfCourriers]);

type List = ResultOf<typeof ListOfCourriers>;
type Row = List['edges'][number]['node'] & { cursor: string; rank: number };
const DueCalendar = lazily(async () => (await import('./due-calendar.tsx')).default, 'section');
const words = texts.inbox;

/** What a search finds is not counted further: it says nothing more, and costs more than the page. */
const SEARCHED = 100;
const countOf = ({ totalCount, countUpTo }: List) => totalCount ?? countUpTo ?? 0;

/** « Vos courriers »: those of the establishment acted for, or of all one may read for. */
export function Inbox() {
  const address = useAddress();
  const { params } = address;
  const { actingFor, establishments } = useViewer();
  const isOfAll = asksAll(params) && establishments.totalCount > 1;
  const variables = { ...pagingOf(params), filter: courrierFilter(params), orderBy: courrierOrder(params), isSearch: params.has('q') };
  const one = useAnswer(InboxQuery, variables, { pause: isOfAll });
  const all = useAnswer(InboxOfAllQuery, variables, { pause: !isOfAll });
  const { error, again, isWaiting } = isOfAll ? all : one;
  const list: List | undefined = isOfAll ? all.data?.viewer?.courriers : one.data?.viewer?.actingFor?.courriers;
  usePageRepair(address, isOfAll ? all : one, list?.pageInfo);
  const hasNoRight = !isOfAll && actingFor?.viewerAccess.canReadCourriers === false && !!list && countOf(list) === 0;
  return (
    <Page title={isOfAll ? words.titleAll : words.title} className="page-wide" beside={establishments.totalCount > 1 && <Scope isOfAll={isOfAll} />}>
      <p class="lead">{isOfAll ? words.leadAll : words.lead(actingFor?.name ?? '')}</p>
      {hasNoRight ? <NoRight administrators={one.data?.viewer?.actingFor?.administrators ?? []} /> : (
        <>
          <Views address={address} unread={(isOfAll ? all.data?.viewer?.courrierSummary.unread : actingFor?.courrierSummary.unread) ?? 0} />
          <InboxFilters address={address} isOfAll={isOfAll} />
          <Arrived isPlain={isPlain(params)} isOfAll={isOfAll} />
          {error && !list && <Failure error={error} again={again} />}
          {!list && !error && <Waiting lines={8} />}
          {list && <Listed list={list} isOfAll={isOfAll} isWaiting={isWaiting} address={address} />}
          {list && <Foot />}
        </>
      )}
    </Page>
  );
}

function Scope({ isOfAll }: { isOfAll: boolean }) {
  return isOfAll
    ? <Link class="button" href="/courriers">{words.onlyOne}</Link>
    : <Link class="button" href="/courriers?etablissements=tous">{words.allEstablishments}</Link>;
}

/** What else there is to see or to have, under the list. */
function Foot() {
  const [isOpen, open] = useState(false);
  return (
    <p class="list-foot">
      <Link href={WITHDRAWN}>{texts.withdrawn.title}</Link>
      <button type="button" class="link" aria-haspopup="dialog" onClick={() => open(true)}>{texts.calendar.title}</button>
      {isOpen && <DueCalendar onClose={() => open(false)} />}
    </p>
  );
}

function InboxFilters({ address, isOfAll }: { address: ReturnType<typeof useAddress>; isOfAll: boolean }) {
  const { data } = useAnswer(FilterChoicesQuery, {});
  const controls = courrierControls(address.params, data);
  const addressees = useAddressees(isOfAll ? address.params : new URLSearchParams());
  return (
    <Filters address={address} searchLabel={words.search} controls={controls} chips={[...addressees, ...courrierChips(address.params, controls)]}
      beside={isOfAll && <ChooseAddressee address={address} />} searchHelp={words.searchHelp} />
  );
}

/** On another page or under filters, where what has just arrived does not show by itself. */
function Arrived({ isPlain: isShown, isOfAll }: { isPlain: boolean; isOfAll: boolean }) {
  const [n, setN] = useState(0);
  useArrived(useCallback((arrived) => setN((before) => before + arrived.length), []));
  useEffect(() => {
    if (isShown) setN(0);
  }, [isShown, n]);
  if (isShown || !n) return null;
  const show = () => {
    setN(0);
    focusResults();
  };
  return <Link class="button button-arrived" onClick={show} href={isOfAll ? '/courriers?etablissements=tous' : '/courriers'}>{words.arrived(n)}</Link>;
}

interface ListedProps { list: List; isOfAll: boolean; isWaiting: boolean; address: ReturnType<typeof useAddress> }

function Listed({ list, isOfAll, isWaiting, address }: ListedProps) {
  const client = useClient();
  const { actingFor, establishments } = useViewer();
  const rows: Row[] = list.edges.map(({ node, cursor }, rank) => ({ ...node, cursor, rank }));
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [beyond, setBeyond] = useState<Matching | null>(null);
  const { mark, outcome, say, forgetOutcome } = useMarking();
  const take = useTaking();
  useEffect(() => {
    clear();
    forgetOutcome();
  }, [address.full]);
  useFocusBack(address.full);
  const clear = () => {
    setTicked(new Set());
    setBeyond(null);
  };
  const wanted = asked(address.params, actingFor?.id, establishments.totalCount);
  const isWhole = rows.length > 0 && rows.every((row) => ticked.has(row.id));
  // As the list says them now: a letter may have changed since the list was gone through.
  const known = new Map(rows.map((row) => [row.id, row]));
  const selected = beyond ? beyond.rows.map((row) => known.get(row.id) ?? row).filter((row) => ticked.has(row.id)) : rows.filter((row) => ticked.has(row.id));
  const tick = (id: string, isTicked: boolean) => setTicked((before) => {
    const next = new Set(before);
    if (isTicked) next.add(id);
    else next.delete(id);
    return next;
  });
  const tickEverything = async () => {
    const found = await matching(client, wanted.filter, wanted.orderBy);
    if (!found) return say({ text: texts.mark.failed });
    setBeyond(found);
    setTicked(new Set(found.rows.map(({ id }) => id)));
    say({ text: texts.mark.allSelected(found.rows.length, found.isCut) });
  };
  const onMark = (change: Mark) => {
    void mark(selected, change);
    clear();
  };
  const onTake = async (format: 'ZIP' | 'CSV') => {
    const ids = selected.map(({ id }) => id);
    clear();
    say(await take({ format, ids }));
  };
  const takeList = async () => say(await take({ format: 'CSV', ...wanted }));
  const keys = rowKeys({ rows, isArchive: address.params.get('vue') === 'archives', onMark: (row, wanted) => (selected.length ? onMark(wanted) : void mark([row], wanted)), onTick: (row) => tick(row.id, !ticked.has(row.id)) });
  const shared = courrierColumns(address.full, (row) => !row.isReadByViewer);
  const search = address.params.toString();
  const columns: Column<Row>[] = [
    {
      header: texts.column.select, className: 'col-select', isHeaderHidden: true,
      cell: (row) => (
        <label class="tick">
          <input type="checkbox" checked={ticked.has(row.id)} onChange={(event) => tick(row.id, event.currentTarget.checked)} />
          <span class="sr-only">{texts.mark.select(row.subject, row.reference)}</span>
        </label>
      ),
    },
    shared.date, shared.fund,
    {
      ...shared.subject,
      cell: (row) => <Subject row={row} from={address.full} href={letterPath(row.id, { list: search, here: row.cursor, rank: row.rank })} isEmphasised={!row.isReadByViewer} extract={row.searchExtract} />,
    },
    isOfAll ? shared.establishment : shared.type,
    { ...shared.reference, cell: (row) => (isAllOf(row.searchExtract, row.reference) ? <Marked extract={row.searchExtract} /> : row.reference) },
    shared.due,
  ];
  return (
    <>
      <OutcomeLine outcome={outcome} />
      <div class="list-head">
        {rows.length > 0 && (
          <label class="tick tick-all">
            <input type="checkbox" checked={isWhole}
              onChange={(event) => (event.currentTarget.checked ? setTicked(new Set(rows.map((row) => row.id))) : clear())} />
            <span class="sr-only">{texts.mark.selectPage}</span>
          </label>
        )}
        <ResultCount>{words.found(countOf(list), countOf(list) > rows.length, countOf(list) === SEARCHED && list.countUpTo !== undefined)}</ResultCount>
        {address.params.has('q') && rows.length > 1 && <Sorting address={address} />}
        <p class="sr-only" role="status">{selected.length > 0 && texts.mark.selected(selected.length)}</p>
      </div>
      {isWhole && !beyond && countOf(list) > rows.length && (
        <p class="all-of">{texts.mark.pageOnly(rows.length)} <button type="button" class="link" onClick={() => void tickEverything()}>{texts.mark.selectAll}</button></p>
      )}
      {rows.length ? (
        <Table caption={words.caption} className="courriers" columns={columns} rows={rows} keyOf={(row) => row.id} isWaiting={isWaiting}
          rowClass={(row) => `${row.isReadByViewer ? '' : 'is-unread'}${arrivedIds.has(row.id) ? ' is-new' : ''}`} />
      ) : <Empty params={address.params} />}
      {selected.length > 0 && <MarkBar count={selected.length} isArchive={address.params.get('vue') === 'archives'} onMark={onMark} onTake={(format) => void onTake(format)} onClear={clear} />}
      <Pager pageInfo={list.pageInfo} address={address} />
      <p class="list-foot">
        {rows.length > 0 && <button type="button" class="link" onClick={() => void takeList()}>{texts.taking.csvOfList}</button>}
        <Keys keys={keys} />
      </p>
    </>
  );
}

/** The letter that was left for this page has the focus again, once the screen's heading has had it. */
function useFocusBack(page: string) {
  useEffect(() => {
    const id = leftFor(page);
    if (!id) return;
    const timer = setTimeout(() => document.getElementById(rowId(id))?.focus());
    return () => clearTimeout(timer);
  }, []);
}

interface RowKeys { rows: Row[]; isArchive: boolean; onMark: (row: Row, wanted: Mark) => void; onTick: (row: Row) => void }

/** What keys do to the row that has the focus; the first one where none has. */
function rowKeys({ rows, isArchive, onMark, onTick }: RowKeys): Record<string, () => void> {
  const current = () => rows.findIndex((row) => document.getElementById(rowId(row.id))?.closest('tr')?.contains(document.activeElement));
  const focus = (rank: number) => {
    const row = rows[Math.min(Math.max(rank, 0), rows.length - 1)];
    if (row) document.getElementById(rowId(row.id))?.focus();
  };
  const on = (act: (row: Row) => void) => () => {
    const row = rows[current()];
    if (row) act(row);
    else focus(0);
  };
  return {
    j: () => focus(current() + 1),
    k: () => focus(current() - 1),
    o: on((row) => document.getElementById(rowId(row.id))?.click()),
    x: on(onTick),
    u: on((row) => onMark(row, row.isReadByViewer ? 'unread' : 'read')),
    e: on((row) => {
      focus(row.rank + 1 < rows.length ? row.rank + 1 : row.rank - 1); // the row may leave: the next one takes the focus
      onMark(row, isArchive ? 'unarchive' : 'archive');
    }),
    '/': () => document.getElementById('q')?.focus(),
  };
}

/** What a search found may be read from the newest, or from what answers best. */
function Sorting({ address: { params, hrefWith } }: { address: ReturnType<typeof useAddress> }) {
  const current = params.get('tri') ?? '';
  return (
    <nav class="views views-small" aria-label={words.sorting}>
      <ul>
        {(Object.keys(words.sorted) as (keyof typeof words.sorted)[]).map((order) => (
          <li key={order}><Link href={hrefWith({ ...firstPage, tri: order })} aria-current={current === order ? 'true' : undefined}>{words.sorted[order]}</Link></li>
        ))}
      </ul>
    </nav>
  );
}

function Empty({ params }: { params: URLSearchParams }) {
  const isUnreadOnly = params.get('vue') === 'non-lus' && [...params.keys()].length === 1;
  const text = isUnreadOnly ? words.emptyUnread : isPlain(params) ? words.empty : words.emptyFiltered;
  return <div class="empty"><EnvelopeOpen /><p><strong>{text}</strong></p>{isPlain(params) && <p>{words.emptyHelp}</p>}</div>;
}

function NoRight({ administrators }: { administrators: readonly { id: string; firstName: string; lastName: string }[] }) {
  return (
    <div class="notice">
      <Info />
      <div>
        <h2>{words.noRight}</h2>
        <p>{words.noRightHelp}</p>
        <ul>{administrators.map(({ id, firstName, lastName }) => <li key={id}>{firstName} {lastName}</li>)}</ul>
      </div>
    </div>
  );
}
