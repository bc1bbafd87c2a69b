import { useClient } from '@urql/preact';
import { useEffect, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { fundName } from '../courrier/texts.ts';
import { useAddress } from '../address.ts';
import { count, share, withTime } from '../dates.ts';
import { change, forgetEverything, useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { follow } from '../socket.ts';
import { announce } from '../ui/announcer.tsx';
import { Confirmation } from '../ui/dialog.tsx';
import { Failure, Refusal } from '../ui/failure.tsx';
import { ErrorSummary, type FieldError } from '../ui/form.tsx';
import { ArrowLeft, Download } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { refusalsOf } from '../ui/refusals.ts';
import { ResultCount } from '../ui/results.tsx';
import { Table, type Column } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { BatchStatus } from './batches.tsx';
import { texts } from './texts.ts';
import '../operator/operator.css';
import './deposit.css';

const BatchQuery = graphql(`
  query DepositBatch($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    node(id: $id) {
      __typename
      ... on DepositBatch {
        id label status openedAt publishedAt cancelledAt rejectionsUrl
        counts { loaded accepted rejected alreadyDeposited published }
        rehearsal { letters establishments withoutReader withoutEmail duplicates emails postalCopies expectedReadRate gaps { code reason establishments letters type { id label fund { code } } } }
        rejections(first: $first, after: $after, last: $last, before: $before) {
          totalCount
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          edges { node { line reference message } }
        }
      }
    }
  }
`);
const Progress = graphql('subscription DepositProgress($id: ID!) { depositProgress(batchId: $id) { status counts { published } } }');
const Rehearse = graphql('mutation RehearseBatch($id: ID!) { rehearseDepositBatch(input: { batchId: $id }) { errors { message path } } }');
const Publish = graphql('mutation PublishBatch($id: ID!) { publishDepositBatch(input: { batchId: $id, leaveOutRejected: true }) { errors { message path } } }');
const Cancel = graphql('mutation CancelBatch($id: ID!) { cancelDepositBatch(input: { batchId: $id }) { errors { message path } } }');

type Batch = Extract<NonNullable<ResultOf<typeof BatchQuery>['node']>, { __typename: 'DepositBatch' }>;
type Rejection = Batch['rejections']['edges'][number]['node'];
const words = texts.batch;

/** A campaign: how far it has come, what publishing would do, which lines are rejected; and what one decides of it. */
export default function BatchScreen({ id }: { id: string }) {
  const address = useAddress();
  const answer = useAnswer(BatchQuery, { id, ...pagingOf(address.params) });
  const { data, error, again } = answer;
  const batch = data?.node?.__typename === 'DepositBatch' ? data.node : undefined;
  usePageRepair(address, answer, batch?.rejections.pageInfo);
  return (
    <Page title={batch?.label ?? texts.list.label} className="page-wide" beside={batch && <BatchStatus status={batch.status} />} above={<p class="above"><Link href="/operateur/lots"><ArrowLeft /> {words.back}</Link></p>}>
      {batch ? <Shown key={batch.id} batch={batch} address={address} /> : error && !data ? <Failure error={error} again={again} /> : data ? <Refusal kind="missing" /> : <Waiting lines={8} />}
    </Page>
  );
}

function Shown({ batch, address }: { batch: Batch; address: ReturnType<typeof useAddress> }) {
  const { counts, rejections } = batch;
  const rows = rejections.edges.map((edge) => edge.node);
  return (
    <div class="page-sections batch">
      <p class="lead">{[words.opened(withTime(batch.openedAt)), batch.publishedAt && words.publishedAt(withTime(batch.publishedAt)), batch.cancelledAt && words.cancelledAt(withTime(batch.cancelledAt))].filter(Boolean).join('. ')}.</p>
      {batch.status === 'PUBLISHING' && <Publication batch={batch} />}
      <Decisions batch={batch} />
      <section aria-labelledby="batch-figures">
        <h2 id="batch-figures">{words.figures}</h2>
        <Figures figures={[[words.loaded, count(counts.loaded)], [words.accepted, count(counts.accepted)], [words.already, count(counts.alreadyDeposited)], [words.rejected, count(counts.rejected)], [words.published, count(counts.published)]]} />
      </section>
      {(batch.status === 'OPEN' || batch.status === 'CHECKED') && <Rehearsal batch={batch} />}
      <section aria-labelledby="batch-rejections">
        <h2 id="batch-rejections">{words.rejections}</h2>
        <div class="list-head"><ResultCount>{rejections.totalCount ? words.rejectionsFound(rejections.totalCount) : words.rejectionsNone}</ResultCount></div>
        {rows.length > 0 && (
          <>
            <Table caption={words.rejections} columns={columns} rows={rows} keyOf={(row) => String(row.line)} />
            <Pager pageInfo={rejections.pageInfo} address={address} />
            <p class="actions"><a class="button" href={batch.rejectionsUrl} download><Download /> {words.download}</a></p>
          </>
        )}
      </section>
    </div>
  );
}

const columns: Column<Rejection>[] = [
  { header: words.line, className: 'col-number', cell: (row) => count(row.line) },
  { header: words.reference, cell: (row) => row.reference },
  { header: words.reason, cell: (row) => row.message },
];

const Figures = ({ figures }: { figures: readonly (readonly [string, string, string?])[] }) => (
  <dl class="figure-list">
    {figures.map(([label, value, detail]) => <div key={label}><dt>{label}</dt><dd><strong>{value}</strong>{detail && <span>{detail}</span>}</dd></div>)}
  </dl>
);

function Rehearsal({ batch: { rehearsal: found } }: { batch: Batch }) {
  return (
    <section aria-labelledby="batch-rehearsal">
      <h2 id="batch-rehearsal">{words.rehearsal}</h2>
      <p>{found ? words.rehearsalLead : words.noRehearsal}</p>
      {found && (
        <Figures figures={[
          [words.letters, count(found.letters)],
          [words.establishments, count(found.establishments)],
          [words.withoutReader, count(found.withoutReader), words.withoutReaderHelp],
          [words.withoutEmail, count(found.withoutEmail), words.withoutEmailHelp],
          [words.duplicates, count(found.duplicates)],
          [words.emails, count(found.emails), words.emailsHelp],
          [words.postalCopies, count(found.postalCopies)],
          ...(found.expectedReadRate === null ? [] : [[words.readRate, share(found.expectedReadRate, 1), words.readRateHelp] as const]),
        ]} />
      )}
      {found && found.gaps.length > 0 && (
        <>
          <h3>{words.gaps}</h3>
          <Table caption={words.gaps} className="table-plain" rows={found.gaps} keyOf={(row) => row.type.id + row.code} columns={gapColumns} />
        </>
      )}
    </section>
  );
}

const gapColumns: Column<NonNullable<Batch['rehearsal']>['gaps'][number]>[] = [
  { header: words.gapType, isRowHeader: true, cell: (row) => `${fundName(row.type.fund.code)}, ${row.type.label}` },
  { header: words.reason, cell: (row) => row.reason },
  { header: words.establishments, className: 'col-number', cell: (row) => count(row.establishments) },
  { header: words.gapLetters, className: 'col-number', cell: (row) => count(row.letters) },
];

/** A publication on its way, told at each slice. */
function Publication({ batch }: { batch: Batch }) {
  const client = useClient();
  const [published, tell] = useState(batch.counts.published);
  const all = batch.counts.accepted - batch.counts.alreadyDeposited;
  useEffect(() => follow(client, Progress, { id: batch.id }, ({ depositProgress }) => {
    tell(depositProgress.counts.published);
    if (depositProgress.status !== 'PUBLISHING') forgetEverything(client);
  }), [client, batch.id]);
  return (
    <section class="card" aria-labelledby="batch-progress">
      <h2 id="batch-progress">{words.progress}</h2>
      <progress class="batch-progress" value={published} max={Math.max(1, all)} aria-labelledby="batch-progress" />
      <p>{words.of(count(published), count(all))}</p>
    </section>
  );
}

/** What one may do to a batch that is neither published nor cancelled. */
function Decisions({ batch }: { batch: Batch }) {
  const client = useClient();
  const [asked, ask] = useState<'publish' | 'cancel' | null>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isBusy, setBusy] = useState(false);
  if (batch.status !== 'OPEN' && batch.status !== 'CHECKED') return null;
  const doIt = async (what: 'rehearse' | 'publish' | 'cancel') => {
    if (isBusy) return;
    setBusy(true);
    const refusals = await decide(client, what, batch.id);
    setBusy(false);
    setErrors(refusals);
    if (refusals.length === 0) announce({ rehearse: words.rehearsed, publish: words.publishing, cancel: words.cancelled }[what]);
  };
  return (
    <>
      <ErrorSummary errors={errors} />
      <div class="actions">
        {batch.status === 'CHECKED' && <button type="button" class="button button-strong" aria-disabled={isBusy || undefined} onClick={() => ask('publish')}>{words.publish}</button>}
        <button type="button" class={batch.status === 'OPEN' ? 'button button-strong' : 'button'} aria-disabled={isBusy || undefined} onClick={() => void doIt('rehearse')}>{batch.status === 'OPEN' ? words.rehearse : words.rehearseAgain}</button>
        <button type="button" class="button" aria-disabled={isBusy || undefined} onClick={() => ask('cancel')}>{words.cancel}</button>
      </div>
      {asked === 'publish' && (
        <Confirmation title={words.publishTitle} action={words.publish} onConfirm={() => void doIt('publish')} onClose={() => ask(null)}>
          <p>{words.publishAll(count(batch.rehearsal?.letters ?? 0))}</p>
          {batch.counts.rejected > 0 && <p>{words.leftOut(batch.counts.rejected)}</p>}
        </Confirmation>
      )}
      {asked === 'cancel' && (
        <Confirmation title={words.cancelTitle} action={words.cancel} isDangerous onConfirm={() => void doIt('cancel')} onClose={() => ask(null)}>
          <p>{words.cancelBody}</p>
        </Confirmation>
      )}
    </>
  );
}

async function decide(client: ReturnType<typeof useClient>, what: 'rehearse' | 'publish' | 'cancel', id: string): Promise<FieldError[]> {
  if (what === 'rehearse') {
    const { data, error } = await change(client, Rehearse, { id });
    return refusalsOf(data?.rehearseDepositBatch, error);
  }
  if (what === 'publish') {
    const { data, error } = await change(client, Publish, { id });
    return refusalsOf(data?.publishDepositBatch, error);
  }
  const { data, error } = await change(client, Cancel, { id });
  return refusalsOf(data?.cancelDepositBatch, error);
}
