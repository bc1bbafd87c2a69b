import { useCallback, useEffect, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { useViewer } from '../session/session.tsx';
import { Failure } from '../ui/failure.tsx';
import { Filters } from '../ui/filters.tsx';
import { EnvelopeOpen, Info } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { firstPage, Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { focusResults, ResultCount } from '../ui/results.tsx';
import { Table, type Column } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { ChooseAddressee, useAddressees } from './addressees.tsx';
import { arrivedIds, useArrived } from './arrivals.tsx';
import { FoundCourrier, isAllOf, Marked } from './extract.tsx';
import { courrierChips, courrierControls, courrierFilter, courrierOrder, FilterChoicesQuery, isOfAll as asksAll, isPlain } from './filters.ts';
import { MarkBar, OutcomeLine, useMarking, type Mark } from './marking.tsx';
import { courrierColumns, CourrierRow, Subject, WITHDRAWN } from './rows.tsx';
import { texts } from './texts.ts';
import './courrier.css';

const ListOfCourriers = graphql(`
  fragment ListOfCourriers on CourrierConnection @_unmask {
    totalCount @skip(if: $isSearch)
    countUpTo(limit: 100) @include(if: $isSearch)
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { node { ...CourrierRow ...FoundCourrier } }
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
type Row = List['edges'][number]['node'];
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
          {list && <p><Link href={WITHDRAWN}>{texts.withdrawn.title}</Link></p>}
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

/** All, unread, with a due date, archived. */
function Views({ address: { params, hrefWith }, unread }: { address: ReturnType<typeof useAddress>; unread: number }) {
  const current = params.get('vue') ?? '';
  return (
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
  const rows = list.edges.map((edge) => edge.node);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const { mark, outcome, forgetOutcome } = useMarking();
  useEffect(() => {
    setTicked(new Set());
    forgetOutcome();
  }, [address.full]);
  const selected = rows.filter((row) => ticked.has(row.id));
  const tick = (id: string, isTicked: boolean) => setTicked((before) => {
    const next = new Set(before);
    if (isTicked) next.add(id);
    else next.delete(id);
    return next;
  });
  const onMark = (wanted: Mark) => {
    void mark(selected, wanted);
    setTicked(new Set());
  };
  const shared = courrierColumns(address.full, (row) => !row.isReadByViewer);
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
    { ...shared.subject, cell: (row) => <Subject row={row} from={address.full} isEmphasised={!row.isReadByViewer} extract={row.searchExtract} /> },
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
            <input type="checkbox" checked={selected.length === rows.length}
              onChange={(event) => setTicked(new Set(event.currentTarget.checked ? rows.map((row) => row.id) : []))} />
            <span class="sr-only">{texts.mark.selectPage}</span>
          </label>
        )}
        <ResultCount>{words.found(countOf(list), countOf(list) > rows.length, countOf(list) === SEARCHED && list.countUpTo !== undefined)}</ResultCount>
        {address.params.has('q') && rows.length > 1 && <Sorting address={address} />}
        <p class="sr-only" role="status">{selected.length > 0 && texts.mark.selected(selected.length)}</p>
      </div>
      {rows.length ? (
        <Table caption={words.caption} className="courriers" columns={columns} rows={rows} keyOf={(row) => row.id} isWaiting={isWaiting}
          rowClass={(row) => `${row.isReadByViewer ? '' : 'is-unread'}${arrivedIds.has(row.id) ? ' is-new' : ''}`} />
      ) : <Empty params={address.params} />}
      {selected.length > 0 && <MarkBar count={selected.length} isArchive={address.params.get('vue') === 'archives'} onMark={onMark} onClear={() => setTicked(new Set())} />}
      <Pager pageInfo={list.pageInfo} address={address} />
    </>
  );
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
