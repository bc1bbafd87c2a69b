import { Link } from 'wouter-preact';
import { useAddress } from '../../address.ts';
import { useAnswer } from '../../graph.ts';
import { graphql } from '../../graphql.ts';
import { Failure } from '../../ui/failure.tsx';
import { Filters } from '../../ui/filters.tsx';
import { ArrowLeft } from '../../ui/icons.tsx';
import { Page } from '../../ui/page.tsx';
import { Pager, pagingOf, usePageRepair } from '../../ui/pager.tsx';
import { ResultCount } from '../../ui/results.tsx';
import { Table } from '../../ui/table.tsx';
import { Waiting } from '../../ui/waiting.tsx';
import { StatusTag } from '../../user/status.tsx';
import { texts as userTexts } from '../../user/texts.ts';
import { PEOPLE, REQUESTED } from '../paths.ts';
import { Reserved, useIsAdministrator } from '../reserved.tsx';
import { texts } from '../texts.ts';
import '../../user/user.css';
import '../delegation.css';

const PeopleQuery = graphql(`
  query PeopleWhoAct($first: Int, $after: String, $last: Int, $before: String, $filter: UserFilter) {
    services { id code isDelegable }
    viewer {
      actingFor {
        id
        users(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: NAME_ASC) {
          totalCount
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          edges { node { id firstName lastName identifier status rights { level service { id } } } }
        }
      }
    }
  }
`);

const words = texts.people;

/** The people of the establishment, to choose for each one the establishments they act for. */
export default function PeopleScreen() {
  return useIsAdministrator() ? <List /> : <Reserved title={words.title} />;
}

function List() {
  const address = useAddress();
  const search = address.params.get('q');
  const answer = useAnswer(PeopleQuery, { ...pagingOf(address.params), filter: search ? { search } : null });
  const { data, error, again, isWaiting } = answer;
  const users = data?.viewer?.actingFor?.users;
  usePageRepair(address, answer, users?.pageInfo);
  const delegable = new Set(data?.services.filter(({ isDelegable }) => isDelegable).map(({ id }) => id));
  return (
    <Page title={words.title} above={<p class="above"><Link href={REQUESTED}><ArrowLeft /> {texts.request.back}</Link></p>}>
      <p class="lead">{words.lead}</p>
      <Filters address={address} searchLabel={words.search} controls={[]} chips={search ? [{ name: 'q', label: search }] : []} />
      {error && !users && <Failure error={error} again={again} />}
      {!users && !error && <Waiting lines={8} />}
      {users && (
        <>
          <ResultCount>{users.totalCount ? words.found(users.totalCount) : words.empty}</ResultCount>
          {users.edges.length > 0 && (
            <Table caption={words.caption} rows={users.edges.map(({ node }) => node)} keyOf={({ id }) => id} isWaiting={isWaiting} columns={[
              { header: words.name, isRowHeader: true, className: 'col-name', cell: ({ id, firstName, lastName }) => <Link class="row-link" href={`${PEOPLE}/${encodeURIComponent(id)}`} state={{ from: address.full }}>{lastName.toUpperCase()} {firstName}</Link> },
              { header: words.identifier, cell: ({ identifier }) => identifier },
              { header: userTexts.accounts.status, cell: ({ status }) => <StatusTag status={status} /> },
              { header: words.rights, cell: ({ rights }) => words.rightsOf((rights ?? []).filter(({ level, service }) => level !== 'NONE' && delegable.has(service.id)).length) },
            ]} />
          )}
          <Pager pageInfo={users.pageInfo} address={address} />
        </>
      )}
    </Page>
  );
}
