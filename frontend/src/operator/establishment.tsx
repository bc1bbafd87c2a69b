import { Link } from 'wouter-preact';
import { GapFields, Gaps } from '../adoption/gaps.tsx';
import { fundName } from '../courrier/texts.ts';
import { count, inWords } from '../dates.ts';
import { Health, HealthFields } from '../establishment/health.tsx';
import { Identity, IdentityFields } from '../establishment/identity.tsx';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Failure, Refusal } from '../ui/failure.tsx';
import { ArrowLeft, Info, Warning } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { FollowedCourrier, followedColumns } from './rows.tsx';
import { texts } from './texts.ts';
import '../courrier/courrier.css';
import '../establishment/establishment.css';

const EstablishmentQuery = graphql(`
  query OperatorEstablishment($id: ID!) {
    node(id: $id) {
      __typename
      ... on Establishment {
        ...IdentityFields
        ...HealthFields
        ...GapFields
        withoutAdministratorSince
        courrierSummary { total latestDepositedAt byFund { total fund { code } } }
        courriers(first: 10, filter: { archived: null }) { edges { node { ...FollowedCourrier } } }
      }
    }
  }
`, [IdentityFields, HealthFields, GapFields, FollowedCourrier]);

type Establishment = Extract<NonNullable<ResultOf<typeof EstablishmentQuery>['node']>, { __typename: 'Establishment' }>;
const words = texts.establishment;

function listPath(): string {
  const from = (history.state as { from?: unknown } | null)?.from;
  return typeof from === 'string' ? from : '/operateur/etablissements';
}

export function OperatorEstablishment({ id }: { id: string }) {
  const { data, error, again } = useAnswer(EstablishmentQuery, { id });
  const establishment = data?.node?.__typename === 'Establishment' ? data.node : undefined;
  const back = <p class="above"><Link href={listPath()}><ArrowLeft /> {words.back}</Link></p>;
  if (!establishment) {
    return <Page title={words.section} above={back}>{error && !data ? <Failure error={error} again={again} /> : data ? <Refusal kind="missing" /> : <Waiting />}</Page>;
  }
  const path = `/operateur/etablissements/${encodeURIComponent(id)}`;
  const since = establishment.withoutAdministratorSince;
  return (
    <Page key={establishment.id} title={establishment.name} above={back} beside={<Link class="button" href={`${path}/modifier`}>{words.edit}</Link>}>
      {(since || establishment.administrators.length === 0) && (
        <div class={since ? 'notice notice-warn' : 'notice'}>
          {since ? <Warning /> : <Info />}
          <div>
            <p>{since ? words.alone(inWords(since)) : texts.nomination.awaited}</p>
            <Link class="button" href={`${path}/administrateur`}>{words.nominate}</Link>
          </div>
        </div>
      )}
      <Health establishment={establishment} mending={{ FUNCTIONAL_ADDRESS: `${path}/modifier` }} />
      <Gaps gaps={establishment.unreadableTypes} places={{ ACCOUNT: `${path}/administrateur` }} isOwn={false} />
      <Identity establishment={establishment} />
      <Letters establishment={establishment} />
    </Page>
  );
}

function Letters({ establishment: { id, courrierSummary, courriers } }: { establishment: Establishment }) {
  const rows = courriers.edges.map((edge) => edge.node);
  return (
    <>
      <section class="card" aria-labelledby="letters-figures">
        <h2 id="letters-figures">{words.figures}</h2>
        {courrierSummary.total === 0 ? <p>{words.none}</p> : (
          <>
            {courrierSummary.latestDepositedAt && <p class="soft">{words.latest(inWords(courrierSummary.latestDepositedAt))}</p>}
            <Table caption={words.byFund} className="table-plain" rows={courrierSummary.byFund} keyOf={(row) => row.fund.code} columns={[
              { header: words.fund, isRowHeader: true, cell: (row) => fundName(row.fund.code) },
              { header: words.total, className: 'col-number', cell: (row) => count(row.total) },
            ]} />
          </>
        )}
      </section>
      {rows.length > 0 && (
        <section aria-labelledby="letters-latest">
          <h2 id="letters-latest">{words.courriers}</h2>
          <Table caption={words.courriers} className="courriers" columns={followedColumns(`/operateur/etablissements/${encodeURIComponent(id)}`, { withEstablishment: false })} rows={rows} keyOf={(row) => row.id} />
        </section>
      )}
    </>
  );
}
