import { useClient } from '@urql/preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { count, inFigures, share, withTime } from '../dates.ts';
import { texts as establishmentTexts } from '../establishment/texts.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql, type ResultOf, type VariablesOf } from '../graphql.ts';
import { announce } from '../ui/announcer.tsx';
import { Confirmation } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { chipsOf, Filters, type Control } from '../ui/filters.tsx';
import { ErrorSummary, type FieldError } from '../ui/form.tsx';
import { ArrowLeft, Download } from '../ui/icons.tsx';
import { useKey } from '../ui/idempotency.ts';
import { Page } from '../ui/page.tsx';
import { Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { refusalsOf } from '../ui/refusals.ts';
import { ResultCount } from '../ui/results.tsx';
import { BulkBar, TickAll, tickColumn, useSelection } from '../ui/selection.tsx';
import { Table, type Column } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';
import '../operator/operator.css';
import '../user/user.css';
import './adoption.css';

const NonReadersQuery = graphql(`
  query NonReaders($first: Int, $after: String, $last: Int, $before: String, $filter: NonReaderFilter) {
    nonReaders(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { node { reason waiting since remindedAt readers { id firstName lastName email } establishment { id name siret category functionalEmail address { postalCode city } } } }
    }
  }
`);
const CampaignsQuery = graphql(`
  query ReadingCampaigns {
    readingCampaigns(first: 10) {
      edges { node { id startedAt finishedAt startedBy { id firstName lastName } effect { reminded waiting openedBefore unreachable emails openedSince medianDays others othersOpenedSince } } }
    }
  }
`);
const Remind = graphql(`
  mutation RemindNonReaders($input: RemindNonReadersInput!) {
    remindNonReaders(input: $input) { establishments recentlyReminded unreachable campaign { id } errors { code message path } }
  }
`);

type NonReader = ResultOf<typeof NonReadersQuery>['nonReaders']['edges'][number]['node'];
type Row = NonReader & { id: string; name: string };
type Filter = NonNullable<VariablesOf<typeof NonReadersQuery>['filter']>;
type Input = VariablesOf<typeof Remind>['input'];
type Campaign = ResultOf<typeof CampaignsQuery>['readingCampaigns']['edges'][number]['node'];
interface Asked { input: Input; establishments: number; recentlyReminded: number; unreachable: number }

const words = texts.never_;
/** How many readers a line names; the file names them all. */
const NAMED = 3;
const reasons = Object.keys(words.reasons) as NonReader['reason'][];
const categories = Object.keys(establishmentTexts.category) as NonReader['establishment']['category'][];
const controls: Control[] = [
  { kind: 'choice', name: 'manque', label: words.reason, options: reasons.map((value) => ({ value, label: words.reasons[value] })) },
  { kind: 'choice', name: 'categorie', label: words.category, options: categories.map((value) => ({ value, label: establishmentTexts.category[value] })) },
  { kind: 'text', name: 'departement', label: words.departement },
  { kind: 'choice', name: 'relance', label: words.remindedFilter, options: [{ value: 'oui', label: words.remindedYes }, { value: 'non', label: words.remindedNo }] },
];

function filterOf(params: URLSearchParams): Filter {
  const reason = reasons.find((each) => each === params.get('manque'));
  const category = categories.find((each) => each === params.get('categorie'));
  const departement = /^[0-9][0-9AB]\d?$/i.exec(params.get('departement') ?? '')?.[0];
  const reminded = params.get('relance');
  return {
    ...(reason && { reasons: [reason] }), ...(category && { categories: [category] }), ...(departement && { departements: [departement.toUpperCase()] }),
    ...(reminded && { reminded: reminded === 'oui' }),
  };
}

/** Who never opened a letter, and why; reminding them, and what came of it. */
export default function NonReaders() {
  const address = useAddress();
  const { params } = address;
  const filter = filterOf(params);
  const answer = useAnswer(NonReadersQuery, { ...pagingOf(params), filter });
  const { data, error, again, isWaiting } = answer;
  const list = data?.nonReaders;
  usePageRepair(address, answer, list?.pageInfo);
  const rows: Row[] = list?.edges.map(({ node }) => ({ ...node, id: node.establishment.id, name: node.establishment.name })) ?? [];
  const selection = useSelection(rows, address.full);
  const reminding = useReminding(() => selection.choose([]));
  const chips = chipsOf(params, '', controls, (control, value) => (control.kind === 'choice' && control.options.find((option) => option.value === value)?.label) || value);
  return (
    <Page title={words.title} className="page-wide" above={<p class="above"><Link href="/operateur/adoption"><ArrowLeft /> {words.back}</Link></p>}>
      <p class="lead">{words.lead}</p>
      <Filters address={address} controls={controls} chips={chips} />
      <ErrorSummary errors={reminding.errors} />
      {error && !list && <Failure error={error} again={again} />}
      {!list && !error && <Waiting lines={8} />}
      {list && (
        <>
          <div class="list-head">
            {rows.length > 0 && <TickAll selection={selection} rows={rows} words={words.selection} />}
            <ResultCount>{list.totalCount ? words.found(list.totalCount) : words.empty}</ResultCount>
            {list.totalCount > 0 && <button type="button" class="button" aria-disabled={reminding.isBusy || undefined} onClick={() => void reminding.ask({ filter })}>{words.remindAll}</button>}
            <a class="button" href={`/exports/sans-lecture.csv?${new URLSearchParams(controls.flatMap(({ name }) => (params.get(name) ? [[name, params.get(name)!]] : []))).toString()}`} download><Download /> {words.csv}</a>
          </div>
          {rows.length > 0 && <Table caption={words.caption} columns={[tickColumn(selection, words.selection), ...columns(address.full)]} rows={rows} keyOf={(row) => row.id} isWaiting={isWaiting} />}
          <Pager pageInfo={list.pageInfo} address={address} />
          <BulkBar selection={selection} words={words.selection}>
            <button type="button" class="button button-strong" onClick={() => void reminding.ask({ establishmentIds: selection.selected.map(({ id }) => id) })}>{words.remindSome}</button>
          </BulkBar>
        </>
      )}
      <Campaigns />
      {reminding.asked && (
        <Confirmation title={words.confirmTitle} action={words.confirm} onConfirm={() => void reminding.decide()} onClose={reminding.giveUp}>
          <p>{words.preview(reminding.asked.establishments)}</p>
          {reminding.asked.recentlyReminded > 0 && <p>{words.recently(reminding.asked.recentlyReminded)}</p>}
          {reminding.asked.unreachable > 0 && <p>{words.unreachable(reminding.asked.unreachable)}</p>}
        </Confirmation>
      )}
    </Page>
  );
}

/** A reminder: how many it would be first, then for real. */
function useReminding(onDone: () => void) {
  const client = useClient();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isBusy, setBusy] = useState(false);
  const keyOf = useKey();
  const send = async (input: Input) => {
    setBusy(true);
    const answer = await change(client, Remind, { input });
    setBusy(false);
    const payload = answer.data?.remindNonReaders;
    const refusals = refusalsOf(payload, answer.error);
    setErrors(refusals);
    return refusals.length ? null : payload ?? null;
  };
  const ask = async (input: Input) => {
    if (isBusy) return;
    const found = await send({ ...input, dryRun: true });
    if (found) setAsked({ input, ...found });
  };
  const decide = async () => {
    if (!asked) return;
    const done = await send({ ...asked.input, idempotencyKey: keyOf([asked.input, asked.establishments, asked.recentlyReminded]) });
    if (!done) return;
    announce(words.done(done.establishments));
    onDone();
  };
  return { asked, errors, isBusy, ask, decide, giveUp: () => setAsked(null) };
}

const columns = (from: string): Column<Row>[] => [
  {
    header: words.name, isRowHeader: true, className: 'col-name',
    cell: ({ establishment }) => (
      <>
        <Link class="row-link" href={`/operateur/etablissements/${encodeURIComponent(establishment.id)}`} state={{ from }}>{establishment.name}</Link>
        <span class="line soft">{[establishment.siret, establishment.address?.postalCode, establishment.address?.city].filter(Boolean).join(' ')}</span>
      </>
    ),
  },
  { header: words.reason, cell: (row) => <span class="tag tag-warn">{words.reasons[row.reason]}</span> },
  { header: words.waiting, className: 'col-number', cell: (row) => count(row.waiting) },
  { header: words.since, cell: (row) => inFigures(row.since) },
  {
    header: words.readers,
    cell: ({ readers, establishment }) => (readers.length || establishment.functionalEmail ? (
      <ul class="readers">
        {readers.slice(0, NAMED).map((each) => <li key={each.id}>{each.firstName} {each.lastName}, {each.email}</li>)}
        {readers.length > NAMED && <li class="soft">{words.more(readers.length - NAMED)}</li>}
        {readers.length === 0 && <li>{words.nobody}</li>}
        {establishment.functionalEmail && <li class="soft">{words.address(establishment.functionalEmail)}</li>}
      </ul>
    ) : words.nobody),
  },
  { header: words.reminded, cell: (row) => row.remindedAt && inFigures(row.remindedAt) },
];

/** Each reminder, and its effect until now. */
function Campaigns() {
  const { data } = useAnswer(CampaignsQuery, {});
  if (!data) return null;
  const rows = data.readingCampaigns.edges.map((edge) => edge.node);
  const says = texts.campaigns;
  return (
    <section class="card" aria-labelledby="campaigns">
      <h2 id="campaigns">{says.title}</h2>
      {rows.length === 0 ? <p>{says.none}</p> : (
        <>
          <p class="soft">{says.lead}</p>
          <Table caption={says.caption} className="table-plain" columns={campaignColumns} rows={rows} keyOf={(row) => row.id} />
        </>
      )}
    </section>
  );
}

const says = texts.campaigns;
const campaignColumns: Column<Campaign>[] = [
  { header: says.startedAt, isRowHeader: true, cell: (row) => withTime(row.startedAt) },
  { header: says.by, cell: ({ startedBy }) => startedBy && `${startedBy.firstName} ${startedBy.lastName}` },
  {
    header: says.reminded,
    cell: ({ effect }) => (
      <>
        {count(effect.reminded)}
        {effect.waiting > 0 && <span class="line soft">{says.waiting(effect.waiting)}</span>}
        {effect.openedBefore > 0 && <span class="line soft">{says.leftOut(effect.openedBefore)}</span>}
      </>
    ),
  },
  { header: says.opened, cell: ({ effect }) => says.of(count(effect.openedSince), count(effect.reminded), share(effect.openedSince, effect.reminded)) },
  { header: says.days, cell: ({ effect }) => (effect.medianDays === null ? null : says.dayCount(effect.medianDays)) },
  { header: says.others, cell: ({ effect }) => says.of(count(effect.othersOpenedSince), count(effect.others), share(effect.othersOpenedSince, effect.others)) },
];
