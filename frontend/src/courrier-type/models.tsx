import { Link } from 'wouter-preact';
import { fundName } from '../courrier/texts.ts';
import { inFigures } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { Page } from '../ui/page.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';

const ModelsQuery = graphql(`
  query Models { courrierTypes { id code label availableSince notifiesByEmail channel retentionMonths fund { code } service { id label } } }
`);

const words = texts.list;
const named = texts.catalogue;

/** The catalogue, as operators keep it. */
export default function Models() {
  const { data, error, again } = useAnswer(ModelsQuery, {});
  const add = <Link class="button button-strong" href="/operateur/modeles/nouveau">{words.add}</Link>;
  return (
    <Page title={words.title} className="page-wide" beside={add}>
      <p class="lead">{words.lead} <Link href="/courriers-accessibles">{words.seePublic}</Link></p>
      {error && !data && <Failure error={error} again={again} />}
      {!data && !error && <Waiting lines={8} />}
      {data && (
        <Table caption={words.caption} rows={data.courrierTypes} keyOf={({ id }) => id} columns={[
          { header: named.label, isRowHeader: true, cell: ({ label, code }) => <>{label}<span class="line soft">{code}</span></> },
          { header: words.fund, cell: ({ fund }) => fundName(fund.code) },
          { header: words.service, cell: ({ service }) => service.label },
          { header: named.since, cell: ({ availableSince }) => inFigures(availableSince) },
          { header: named.email, cell: ({ notifiesByEmail }) => (notifiesByEmail ? named.yes : named.no) },
          { header: named.post, cell: ({ channel }) => (channel === 'DIGITAL_AND_POST' ? named.yes : named.no) },
          { header: words.retention, cell: ({ retentionMonths }) => words.months(retentionMonths) },
          { header: words.action, isHeaderHidden: true, cell: ({ code, label }) => <Link class="button" href={`/operateur/modeles/${code}`} aria-label={words.changeLabel(label)}>{words.change}</Link> },
        ]} />
      )}
    </Page>
  );
}
