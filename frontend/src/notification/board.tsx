import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useAddress } from '../address.ts';
import { count, withTime } from '../dates.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql, type ResultOf, type VariablesOf } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { chipsOf, Filters, type Control } from '../ui/filters.tsx';
import { ErrorSummary, type FieldError } from '../ui/form.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { ResultCount } from '../ui/results.tsx';
import { Table, type Column } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { refusalsOf } from '../user/changes.ts';
import { texts as words } from './texts.ts';

const BoardQuery = graphql(`
  query NotificationBoard($first: Int, $after: String, $last: Int, $before: String, $filter: NotificationFilter) {
    notificationCounts { status count }
    notifications(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { node { id recipient subject status attempts queuedAt sentAt nextAttemptAt lastError } }
    }
  }
`);

const Retry = graphql(`
  mutation RetryNotifications($input: RetryNotificationsInput!) {
    retryNotifications(input: $input) { count errors { code message path } }
  }
`);

type Row = ResultOf<typeof BoardQuery>['notifications']['edges'][number]['node'];
type Filter = NonNullable<VariablesOf<typeof BoardQuery>['filter']>;

const STATUSES = ['QUEUED', 'SENT', 'FAILED', 'GIVEN_UP', 'DROPPED'] as const;
const TONES = { QUEUED: '', SENT: 'tag-good', FAILED: 'tag-warn', GIVEN_UP: 'tag-bad', DROPPED: '' };
const CONTROLS: Control[] = [
  { kind: 'choice', name: 'etat', label: words.status, options: STATUSES.map((value) => ({ value, label: words.statuses[value] })) },
  { kind: 'choice', name: 'adresse', label: words.bounced, options: [{ value: 'refusee', label: words.refused }] },
];

/** Which messages the address asks for. */
function filterOf(params: URLSearchParams): Filter {
  const status = STATUSES.find((one) => one === params.get('etat'));
  return { ...(status && { status: [status] }), ...(params.get('q') && { recipient: params.get('q') }), ...(params.get('adresse') === 'refusee' && { bounced: true }) };
}

/** The operators' board of messages: where each is, why it failed, and the way to send it again (R-NOT-01). */
export default function Board() {
  const address = useAddress();
  const { params } = address;
  const client = useClient();
  const answer = useAnswer(BoardQuery, { ...pagingOf(params), filter: filterOf(params) });
  const { data, error, again, isWaiting } = answer;
  const list = data?.notifications;
  usePageRepair(address, answer, list?.pageInfo);
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const [isAsking, ask] = useState(false);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [outcome, setOutcome] = useState('');
  const line = useRef<HTMLDivElement>(null);
  const place = params.toString();
  useEffect(() => {
    choose(new Set());
    ask(false);
  }, [place]);
  useEffect(() => {
    if (outcome) line.current?.focus({ preventScroll: true });
  }, [outcome]);
  const replay = async (input: VariablesOf<typeof Retry>['input']) => {
    setOutcome('');
    const { data: done, error: failure } = await change(client, Retry, { input });
    const refusals = refusalsOf(done?.retryNotifications, failure, []);
    setErrors(refusals);
    ask(false);
    choose(new Set());
    if (!refusals.length) setOutcome(words.replayed(done?.retryNotifications.count ?? 0));
    again();
  };
  const rows = list?.edges.map((edge) => edge.node) ?? [];
  const shown = (control: Control, value: string) => (control.kind === 'choice' && control.options.find((one) => one.value === value)?.label) || value;
  return (
    <Page title={words.title} className="page-wide">
      <p class="lead">{words.lead}</p>
      {data && (
        <dl class="facts" aria-label={words.counts}>
          {data.notificationCounts.map((one) => <div key={one.status}><dt>{words.statuses[one.status]}</dt><dd>{count(one.count)}</dd></div>)}
        </dl>
      )}
      <Filters address={address} searchLabel={words.search} controls={CONTROLS} chips={chipsOf(params, words.search, CONTROLS, shown)} />
      <ErrorSummary errors={errors} />
      <div role="status" class="outcome" tabIndex={-1} ref={line}>{outcome && <p>{outcome}</p>}</div>
      {error && !list && <Failure error={error} again={again} />}
      {!list && !error && <Waiting lines={8} />}
      {list && (
        <>
          <div class="list-head"><ResultCount>{words.shown(rows.length)}</ResultCount></div>
          <div class="actions">
            {chosen.size > 0 && <button type="button" class="button button-strong" onClick={() => void replay({ ids: [...chosen] })}>{words.replayChosen(chosen.size)}</button>}
            {!isAsking && rows.some((row) => row.status === 'GIVEN_UP') && <button type="button" class="button" onClick={() => ask(true)}>{words.replayAll}</button>}
          </div>
          {isAsking && (
            <div class="notice" role="group" aria-label={words.replayAll}>
              <div>
                <p>{words.confirm}</p>
                <div class="actions">
                  <button type="button" class="button button-strong" onClick={() => void replay({ filter: filterOf(params) })}>{words.yes}</button>
                  <button type="button" class="button" onClick={() => ask(false)}>{words.no}</button>
                </div>
              </div>
            </div>
          )}
          {rows.length > 0 && <Table caption={words.caption} columns={columnsOf(chosen, choose)} rows={rows} keyOf={(row) => row.id} isWaiting={isWaiting} />}
          <Pager pageInfo={list.pageInfo} address={address} />
        </>
      )}
    </Page>
  );
}

function columnsOf(chosen: ReadonlySet<string>, choose: (next: ReadonlySet<string>) => void): Column<Row>[] {
  const toggle = (id: string) => choose(new Set(chosen.has(id) ? [...chosen].filter((one) => one !== id) : [...chosen, id]));
  return [
    { header: words.chosen, cell: (row) => row.status === 'GIVEN_UP' && <input type="checkbox" aria-label={words.choose(row.recipient)} checked={chosen.has(row.id)} onChange={() => toggle(row.id)} /> },
    { header: words.recipient, isRowHeader: true, className: 'col-name', cell: (row) => row.recipient },
    { header: words.subject, cell: (row) => row.subject },
    { header: words.status, cell: (row) => <span class={`tag ${TONES[row.status]}`.trim()}>{words.statuses[row.status]}</span> },
    { header: words.queued, cell: (row) => withTime(row.queuedAt) },
    { header: words.outcome, cell: (row) => <Outcome row={row} /> },
  ];
}

const Outcome = ({ row }: { row: Row }) => (
  <>
    {words.attempts(row.attempts)}
    {row.nextAttemptAt && `, ${words.next(withTime(row.nextAttemptAt))}`}
    {row.lastError && <span class="soft"> {row.lastError}</span>}
  </>
);
