import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { inFigures } from '../dates.ts';
import { texts as establishmentTexts } from '../establishment/texts.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf, type VariablesOf } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { chipsOf, Filters, type Control } from '../ui/filters.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { ResultCount } from '../ui/results.tsx';
import { Table, type Column } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';

const EstablishmentsQuery = graphql(`
  query OperatorEstablishments($first: Int, $after: String, $last: Int, $before: String, $filter: EstablishmentFilter, $orderBy: EstablishmentOrder, $alone: Boolean!) {
    establishments(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { node { id name siret category isCentralisateur registeredOn withoutAdministratorSince @include(if: $alone) address { postalCode city } } }
    }
  }
`);

type Row = ResultOf<typeof EstablishmentsQuery>['establishments']['edges'][number]['node'];
type Filter = NonNullable<VariablesOf<typeof EstablishmentsQuery>['filter']>;
const words = texts.establishments;
const categories = Object.keys(establishmentTexts.category) as Row['category'][];

export function OperatorEstablishments() {
  const address = useAddress();
  const { params } = address;
  const orderBy = params.get('tri') === 'REGISTERED_DESC' ? 'REGISTERED_DESC' : 'NAME_ASC';
  const isAlone = params.get('administrateur') === 'sans';
  const answer = useAnswer(EstablishmentsQuery, { ...pagingOf(params), filter: filterOf(params), orderBy, alone: isAlone });
  const { data, error, again, isWaiting } = answer;
  const list = data?.establishments;
  usePageRepair(address, answer, list?.pageInfo);
  const chips = chipsOf(params, words.search, controls, (control, value) => (control.kind === 'choice' && control.options.find((option) => option.value === value)?.label) || value);
  const rows = list?.edges.map((edge) => edge.node) ?? [];
  return (
    <Page title={words.title} className="page-wide" beside={<Link class="button button-strong" href="/operateur/etablissements/nouveau">{words.register}</Link>}>
      <p class="lead">{words.lead}</p>
      <Filters address={address} searchLabel={words.search} controls={controls} chips={chips} />
      {error && !list && <Failure error={error} again={again} />}
      {!list && !error && <Waiting lines={8} />}
      {list && (
        <>
          <div class="list-head"><ResultCount>{list.totalCount ? words.found(list.totalCount) : words.empty}</ResultCount></div>
          {rows.length > 0 && <Table caption={words.caption} columns={columns(address.full, isAlone)} rows={rows} keyOf={(row) => row.id} isWaiting={isWaiting} />}
          <Pager pageInfo={list.pageInfo} address={address} />
        </>
      )}
    </Page>
  );
}

const columns = (from: string, isAlone: boolean): Column<Row>[] => [
  {
    header: words.name, isRowHeader: true, className: 'col-name',
    cell: (row) => (
      <>
        <Link class="row-link" href={`/operateur/etablissements/${encodeURIComponent(row.id)}`} state={{ from }}>{row.name}</Link>
        {row.isCentralisateur && <> <span class="tag">{words.isCentralisateur}</span></>}
      </>
    ),
  },
  { header: words.siret, cell: (row) => <span class="figures">{row.siret}</span> },
  { header: words.category, cell: (row) => establishmentTexts.category[row.category] },
  { header: words.city, cell: (row) => row.address && [row.address.postalCode, row.address.city].filter(Boolean).join(' ') },
  isAlone
    ? { header: words.since, cell: (row) => row.withoutAdministratorSince && inFigures(row.withoutAdministratorSince) }
    : { header: words.registered, cell: (row) => inFigures(row.registeredOn) },
];

const controls: Control[] = [
  { kind: 'choice', name: 'categorie', label: words.categoryFilter, options: categories.map((value) => ({ value, label: establishmentTexts.category[value] })) },
  { kind: 'text', name: 'departement', label: words.departement },
  { kind: 'choice', name: 'centralisateur', label: words.centralisateur, options: [{ value: 'oui', label: words.onlyCentralisateurs }, { value: 'non', label: words.notCentralisateurs }] },
  { kind: 'choice', name: 'administrateur', label: words.administrator, options: [{ value: 'sans', label: words.withoutAdministrator }] },
  { kind: 'choice', name: 'lecteur', label: words.reader, options: [{ value: 'sans', label: words.withoutReader }] },
  { kind: 'choice', name: 'tri', label: words.sort, all: words.sorts.NAME_ASC, options: [{ value: 'REGISTERED_DESC', label: words.sorts.REGISTERED_DESC }] },
];

function filterOf(params: URLSearchParams): Filter {
  const category = categories.find((each) => each === params.get('categorie'));
  const departement = /^[0-9][0-9AB]\d?$/i.exec(params.get('departement') ?? '')?.[0];
  const centralisateur = params.get('centralisateur');
  const search = params.get('q');
  return {
    ...(search && { search }), ...(category && { categories: [category] }), ...(departement && { departements: [departement.toUpperCase()] }),
    ...(params.get('administrateur') === 'sans' && { withoutAdministrator: true }),
    ...(params.get('lecteur') === 'sans' && { withoutReader: true }),
    ...(centralisateur && { centralisateur: centralisateur === 'oui' }),
  };
}
