import { fundName } from '../courrier/texts.ts';
import { inFigures, inWords, today } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { Page } from '../ui/page.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';

const CatalogueQuery = graphql(`
  query PublicCatalogue { courrierTypes { id code label availableSince notifiesByEmail channel fund { code label } } }
`);

type Model = ResultOf<typeof CatalogueQuery>['courrierTypes'][number];
const words = texts.catalogue;

/** The list of courriers accessible on the platform, for everybody. */
export default function Catalogue() {
  const { data, error, again } = useAnswer(CatalogueQuery, {});
  const funds = new Map<string, Model[]>();
  for (const model of data?.courrierTypes ?? []) funds.set(model.fund.code, [...(funds.get(model.fund.code) ?? []), model]);
  return (
    <Page title={words.title}>
      <p class="lead">{words.lead}</p>
      {error && !data && <Failure error={error} again={again} />}
      {!data && !error && <Waiting lines={8} />}
      {data && funds.size === 0 && <p class="empty">{words.none}</p>}
      {funds.size > 1 && (
        <nav aria-label={words.onPage}><ul class="chips">{[...funds].map(([code]) => <li key={code}><a class="chip" href={`#${code}`}>{fundName(code)}</a></li>)}</ul></nav>
      )}
      {[...funds].map(([code, models]) => <OfFund key={code} code={code} label={models[0]!.fund.label} models={models} />)}
    </Page>
  );
}

function OfFund({ code, label, models }: { code: string; label: string; models: Model[] }) {
  return (
    <section aria-labelledby={code}>
      <h2 id={code} tabIndex={-1}>{fundName(code)}</h2>
      <p class="soft">{label === fundName(code) ? '' : `${label} · `}{words.found(models.length)}</p>
      <Table caption={words.caption(fundName(code))} rows={models} keyOf={({ id }) => id} columns={[
        { header: words.label, isRowHeader: true, cell: (model) => model.label },
        { header: words.since, cell: ({ availableSince }) => (availableSince > today() ? words.toCome(inWords(availableSince)) : inFigures(availableSince)) },
        { header: words.email, cell: ({ notifiesByEmail }) => (notifiesByEmail ? words.yes : words.no) },
        { header: words.post, cell: ({ channel }) => (channel === 'DIGITAL_AND_POST' ? words.yes : words.no) },
      ]} />
    </section>
  );
}
