import { useMutation } from '@urql/preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { count, withTime } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { texts as personTexts } from '../person/texts.ts';
import { Confirmation } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { chipsOf, Filters, type Control } from '../ui/filters.tsx';
import { Page } from '../ui/page.tsx';
import { firstPage, Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { refusalsOf } from '../ui/refusals.ts';
import { focusResults, ResultCount } from '../ui/results.tsx';
import { BulkBar, BulkOutcome, TickAll, tickColumn, useSelection } from '../ui/selection.tsx';
import { Table, type Column } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';
import './operator.css';

const MessagesQuery = graphql(`
  query OperatorMessages($first: Int, $after: String, $last: Int, $before: String, $status: [NotificationStatus!], $kind: [NotificationKind!], $search: String) {
    outbox { queued failed givenUp sentLately notNeededLately oldestDueAt ratePerMinute }
    notifications(first: $first, after: $after, last: $last, before: $before, status: $status, kind: $kind, search: $search) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { node { id kind subject recipient status attempts queuedAt sentAt lastError } }
    }
  }
`);
const RetryMutation = graphql(`
  mutation RetryNotifications($input: RetryNotificationsInput!) { retryNotifications(input: $input) { retried errors { code message path } } }
`);

type Message = ResultOf<typeof MessagesQuery>['notifications']['edges'][number]['node'];
type Outbox = ResultOf<typeof MessagesQuery>['outbox'];
type Status = Message['status'];
type Kind = Message['kind'];
interface Row extends Message { name: string }

const words = texts.messages;
const said = personTexts.messages.status;
const statuses = Object.keys(said) as Status[];
const kinds = Object.keys(words.kinds) as Kind[];
const TONES: Record<Status, string> = { QUEUED: '', SENT: 'tag-good', FAILED: 'tag-warn', GIVEN_UP: 'tag-bad', NOT_NEEDED: '' };

/** How the sending of messages goes, each message with its result, and those to send again (R-NOT-01, R-NOT-02). */
export default function OperatorMessages() {
  const address = useAddress();
  const { params } = address;
  const status = statuses.find((each) => each === params.get('etat'));
  const kind = kinds.find((each) => each === params.get('sorte'));
  const search = params.get('q');
  const narrowed = { ...(kind && { kind: [kind] }), ...(search && { search }) };
  const answer = useAnswer(MessagesQuery, { ...pagingOf(params), ...narrowed, ...(status && { status: [status] }) });
  const { data, error, again, isWaiting } = answer;
  const list = data?.notifications;
  usePageRepair(address, answer, list?.pageInfo);
  const rows: Row[] = list?.edges.map(({ node }) => ({ ...node, name: words.one(node.subject, node.recipient) })) ?? [];
  const retriable = rows.filter(canRetry);
  const selection = useSelection<Row>(retriable, address.full);
  const [, retry] = useMutation(RetryMutation);
  const [isAsking, ask] = useState(false);
  const [outcome, setOutcome] = useState<{ done: string; failed: string } | null>(null);
  const send = async (input: { ids?: string[]; kind?: Kind[]; search?: string }) => {
    const { data: sent, error: failure } = await retry({ input });
    const payload = sent?.retryNotifications;
    const refusals = refusalsOf(payload, failure);
    selection.choose([]);
    setOutcome({ done: refusals.length || !payload ? '' : words.retried(payload.retried), failed: refusals.map(({ message }) => message).join(' ') });
    again();
  };
  const chips = chipsOf(params, words.search, controls, (control, value) => (control.kind === 'choice' && control.options.find((option) => option.value === value)?.label) || value);
  const all = list?.totalCount ?? 0;
  return (
    <Page title={words.title} className="page-wide">
      <p class="lead">{words.lead}</p>
      {data && <Board outbox={data.outbox} hrefWith={address.hrefWith} />}
      <Filters address={address} searchLabel={words.search} controls={controls} chips={chips} />
      {error && !list && <Failure error={error} again={again} />}
      {!list && !error && <Waiting lines={8} />}
      {list && (
        <>
          <BulkOutcome selection={{ outcome: outcome && { ...outcome, refused: [] } }} words={words.selection} />
          <div class="list-head">
            {retriable.length > 0 && <TickAll selection={selection} rows={retriable} words={words.selection} />}
            <ResultCount>{all ? words.found(all) : words.empty}</ResultCount>
            {status === 'GIVEN_UP' && all > 0 && <button type="button" class="button" onClick={() => ask(true)}>{words.retryAll}</button>}
          </div>
          {rows.length > 0 && <Table caption={words.caption} columns={[tickColumn<Row>(selection, words.selection), ...columns].map(onlyRetriable)} rows={rows} keyOf={(row) => row.id} isWaiting={isWaiting} />}
          <BulkBar selection={selection} words={words.selection}>
            <button type="button" class="button button-strong" onClick={() => void send({ ids: selection.selected.map(({ id }) => id) })}>{words.retry}</button>
          </BulkBar>
          <Pager pageInfo={list.pageInfo} address={address} />
        </>
      )}
      {isAsking && (
        <Confirmation title={words.retryAllTitle(all)} action={words.retry} onConfirm={() => void send(narrowed)} onClose={() => ask(false)}>
          <p>{words.retryAllBody}</p>
        </Confirmation>
      )}
    </Page>
  );
}

const canRetry = ({ status, kind }: Message) => (status === 'GIVEN_UP' || status === 'FAILED') && kind !== 'PASSWORD_RESET';

/** Only what can be sent again has its box to tick. */
function onlyRetriable(column: Column<Row>): Column<Row> {
  return column.className === 'col-select' ? { ...column, cell: (row) => canRetry(row) && column.cell(row) } : column;
}

function Board({ outbox, hrefWith }: { outbox: Outbox; hrefWith: ReturnType<typeof useAddress>['hrefWith'] }) {
  const figures: [string, number, Status][] = [
    [words.figures.queued, outbox.queued, 'QUEUED'], [words.figures.failed, outbox.failed, 'FAILED'], [words.figures.givenUp, outbox.givenUp, 'GIVEN_UP'],
    [words.figures.sent, outbox.sentLately, 'SENT'], [words.figures.notNeeded, outbox.notNeededLately, 'NOT_NEEDED'],
  ];
  return (
    <section aria-label={words.board} class="board">
      <dl class="figure-list">
        {figures.map(([label, value, state]) => (
          <div key={state}>
            <dt><Link onClick={focusResults} href={hrefWith({ ...firstPage, etat: state })}>{label}</Link></dt>
            <dd><strong>{count(value)}</strong></dd>
          </div>
        ))}
      </dl>
      <p class="soft">
        {outbox.oldestDueAt ? words.late(withTime(outbox.oldestDueAt)) : words.onTime} {outbox.ratePerMinute ? words.pace(outbox.ratePerMinute) : words.noPace}
      </p>
    </section>
  );
}

const columns: Column<Row>[] = [
  { header: words.subject, isRowHeader: true, className: 'col-name', cell: (row) => <><span>{row.subject}</span><span class="line soft">{words.kinds[row.kind]}</span></> },
  { header: words.recipient, cell: (row) => <span class="address">{row.recipient}</span> },
  { header: words.queued, cell: (row) => withTime(row.queuedAt) },
  {
    header: words.state,
    cell: (row) => (
      <>
        <span class={`tag ${TONES[row.status]}`}>{said[row.status]}</span>
        {row.sentAt && <span class="line soft">{withTime(row.sentAt)}</span>}
        {row.lastError && row.status !== 'SENT' && <span class="line soft">{row.lastError}</span>}
        {row.attempts > 1 && <span class="line soft">{words.attempts(row.attempts)}</span>}
      </>
    ),
  },
];

const controls: Control[] = [
  { kind: 'choice', name: 'etat', label: words.state, options: statuses.map((value) => ({ value, label: said[value] })) },
  { kind: 'choice', name: 'sorte', label: words.kind, options: kinds.map((value) => ({ value, label: words.kinds[value] })) },
];
