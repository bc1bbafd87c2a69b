import { useClient } from '@urql/preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAddress } from '../../address.ts';
import { change, useAnswer } from '../../graph.ts';
import { graphql, type ResultOf } from '../../graphql.ts';
import { Confirmation } from '../../ui/dialog.tsx';
import { Failure, Refusal } from '../../ui/failure.tsx';
import { Filters } from '../../ui/filters.tsx';
import { ArrowLeft, Warning } from '../../ui/icons.tsx';
import { Page } from '../../ui/page.tsx';
import { firstPage, Pager, pagingOf, usePageRepair } from '../../ui/pager.tsx';
import { focusResults, ResultCount } from '../../ui/results.tsx';
import { BulkBar, BulkOutcome, TickAll, tickColumn, useSelection } from '../../ui/selection.tsx';
import { Table } from '../../ui/table.tsx';
import { Waiting } from '../../ui/waiting.tsx';
import { SetDelegationMembers } from '../changes.ts';
import { limitsOf } from './limits.ts';
import { listPath, PEOPLE } from '../paths.ts';
import { Reserved, useIsAdministrator } from '../reserved.tsx';
import { RequestedFields, requestedColumns, rowOf, type RequestedRow } from '../rows.tsx';
import { texts } from '../texts.ts';
import '../../user/user.css';
import '../delegation.css';

const PersonQuery = graphql(`
  query PersonDelegations($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $filter: DelegationFilter) {
    node(id: $id) { __typename ... on User { id firstName lastName rights { level service { id code } } } }
    viewer {
      actingFor {
        id
        services { service { id code label isDelegable } }
        acts: delegationsRequested(first: 0, filter: { status: [ACCEPTED], member: $id }) { totalCount }
        others: delegationsRequested(first: 0, filter: { status: [ACCEPTED], notMember: $id }) { totalCount }
        delegationsRequested(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
          totalCount
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          edges { node { ...RequestedFields } }
        }
      }
    }
  }
`, [RequestedFields]);

type Person = Extract<NonNullable<ResultOf<typeof PersonQuery>['node']>, { __typename: 'User' }>;
type View = keyof typeof texts.person.view;

const words = texts.person;
const VIEWS = Object.keys(words.view) as View[];
const nameOf = ({ firstName, lastName }: Person) => `${firstName} ${lastName}`;

/** One person, the establishments they act for, and those they do not: chosen one by one, or all at once. */
export default function PersonScreen({ id }: { id: string }) {
  return useIsAdministrator() ? <Delegations id={id} /> : <Reserved title={texts.people.title} />;
}

function Delegations({ id }: { id: string }) {
  const address = useAddress();
  const { params } = address;
  const view: View = params.get('vue') === 'autres' ? 'autres' : '';
  const search = params.get('q');
  const filter = { status: ['ACCEPTED' as const], ...(view ? { notMember: id } : { member: id }), ...(search && { search }) };
  const answer = useAnswer(PersonQuery, { id, ...pagingOf(params), filter });
  const { data, error, again, isWaiting } = answer;
  const person = data?.node?.__typename === 'User' ? data.node : undefined;
  const place = data?.viewer?.actingFor;
  const list = place?.delegationsRequested;
  usePageRepair(address, answer, list?.pageInfo);
  const above = <p class="above"><Link href={listPath(PEOPLE)}><ArrowLeft /> {texts.people.back}</Link></p>;
  if (!person || !place || !list) {
    return <Page title={texts.people.title} above={above}>{error && !data ? <Failure error={error} again={again} /> : data ? <Refusal kind="missing" /> : <Waiting lines={8} />}</Page>;
  }
  const name = nameOf(person);
  const isBlind = limitsOf(person.rights ?? [], place.services.filter(({ service }) => service.isDelegable)).isBlind;
  const counts: Record<View, number> = { '': place.acts.totalCount, autres: place.others.totalCount };
  return (
    <Page title={name} above={above} className="page-wide" documentTitle={words.documentTitle(name)}>
      <p class="lead">{words.lead(name)}</p>
      {isBlind && <div class="notice notice-warn"><Warning /><div><p>{words.noRight(name)}</p><p><Link href={`/etablissement/comptes/${encodeURIComponent(id)}/droits`}>{words.giveRights}</Link></p></div></div>}
      <nav class="views" aria-label={words.views}>
        <ul>
          {VIEWS.map((each) => <li key={each}><Link href={address.hrefWith({ ...firstPage, vue: each })} onClick={focusResults} aria-current={view === each ? 'page' : undefined}>{words.view[each]} ({counts[each].toLocaleString('fr-FR')})</Link></li>)}
        </ul>
      </nav>
      <Filters address={address} searchLabel={texts.list.search} controls={[]} chips={search ? [{ name: 'q', label: search }] : []} />
      <Choosing person={person} view={view} rows={list.edges.map(({ node }) => rowOf(node))} found={list.totalCount} all={counts[view]} address={address.full} isWaiting={isWaiting} />
      <Pager pageInfo={list.pageInfo} address={address} />
    </Page>
  );
}

interface ChoosingProps { person: Person; view: View; rows: RequestedRow[]; found: number; all: number; address: string; isWaiting: boolean }

function Choosing({ person, view, rows, found, all, address, isWaiting }: ChoosingProps) {
  const client = useClient();
  const selection = useSelection(rows, address);
  const [isAsking, ask] = useState(false);
  const name = nameOf(person);
  const who = view ? { add: [person.id] } : { remove: [person.id] };
  const done = view ? words.added : words.removed;
  const send = (which: { delegationIds: string[] } | { everyDelegation: true }) => selection.run(async () => {
    const { data, error } = await change(client, SetDelegationMembers, { input: { ...which, ...who } });
    return { items: 'delegationIds' in which ? selection.selected : rows, payload: data?.setDelegationMembers, error };
  }, (n) => done('delegationIds' in which ? n : all));
  const { name: named, state, ends } = requestedColumns(address);
  return (
    <>
      <BulkOutcome selection={selection} words={texts.selection} />
      <div class="list-head">
        {rows.length > 0 && <TickAll selection={selection} rows={rows} words={texts.selection} />}
        <ResultCount>{found ? texts.found(found) : words.empty[view]}</ResultCount>
        {all > 1 && <button type="button" class="button" aria-disabled={selection.isBusy || undefined} onClick={() => ask(true)}>{view ? words.addAll(all) : words.removeAll(all)}</button>}
      </div>
      {rows.length > 0 && (
        <Table caption={words.caption(name)} className="delegations" rows={rows} keyOf={({ id }) => id} isWaiting={isWaiting} rowClass={({ id }) => (selection.isTicked(id) ? 'is-selected' : '')}
          columns={[tickColumn(selection, texts.selection), named, state, { header: words.what, cell: (row) => <What person={person} row={row} /> }, ends]} />
      )}
      <BulkBar selection={selection} words={texts.selection}>
        <button type="button" class="button" aria-disabled={selection.isBusy || undefined} onClick={() => void send({ delegationIds: selection.selected.map(({ id }) => id) })}>{view ? words.add : words.remove}</button>
      </BulkBar>
      {isAsking && (
        <Confirmation title={(view ? words.addAllAsk : words.removeAllAsk)(name, all)} action={view ? words.addAll(all) : words.removeAll(all)} isDangerous={!view} onConfirm={() => void send({ everyDelegation: true })} onClose={() => ask(false)}>
          <p>{words.allWhat}</p>
        </Confirmation>
      )}
    </>
  );
}

function What({ person, row }: { person: Person; row: RequestedRow }) {
  const { isBlind, said } = limitsOf(person.rights ?? [], row.services);
  return isBlind ? <span class="tag tag-bad" title={said}>{words.nothing}</span> : <>{said || words.everything}</>;
}
