import { useClient } from '@urql/preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAddress } from '../../address.ts';
import { change, useAnswer } from '../../graph.ts';
import { graphql, type ResultOf } from '../../graphql.ts';
import { Failure } from '../../ui/failure.tsx';
import { Filters } from '../../ui/filters.tsx';
import { Choices } from '../../ui/form.tsx';
import { ArrowLeft, Check, Info } from '../../ui/icons.tsx';
import { useLeavingQuestion } from '../../ui/leaving.ts';
import { Page } from '../../ui/page.tsx';
import { Pager, pagingOf, usePageRepair } from '../../ui/pager.tsx';
import { ResultCount } from '../../ui/results.tsx';
import { BulkOutcome, useSelection } from '../../ui/selection.tsx';
import { Waiting } from '../../ui/waiting.tsx';
import { StatusTag } from '../../user/status.tsx';
import { SetDelegationMembers } from '../changes.ts';
import { limitsOf } from './limits.ts';
import { listPath } from '../paths.ts';
import { Reserved, useIsAdministrator } from '../reserved.tsx';
import { ScopeSection, useScope, type Scope } from './scope.tsx';
import { texts } from '../texts.ts';
import '../../user/user.css';
import '../delegation.css';

const PeopleQuery = graphql(`
  query PeopleToChoose($first: Int, $after: String, $last: Int, $before: String, $filter: UserFilter) {
    viewer {
      actingFor {
        id
        users(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: NAME_ASC) {
          totalCount
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          edges { node { id firstName lastName identifier status rights { level service { id code } } } }
        }
      }
    }
  }
`);

type Person = NonNullable<NonNullable<ResultOf<typeof PeopleQuery>['viewer']>['actingFor']>['users']['edges'][number]['node'];
type Act = 'add' | 'remove';
type Wanted = ReadonlyMap<string, Act>;

const words = texts.choosing;

/** Who acts through several delegations at once: some that were selected, one, or all. */
export default function MembersScreen() {
  return useIsAdministrator() ? <Choosing /> : <Reserved title={words.title} />;
}

function Choosing() {
  const address = useAddress();
  const { params } = address;
  const { scope, isMissing, hasFailed, reload } = useScope(params.get('pour'), params.get('choix'));
  const [wanted, want] = useState<Wanted>(new Map());
  useLeavingQuestion(wanted.size > 0, words.leave);
  const above = <p class="above"><Link href={listPath()}><ArrowLeft /> {texts.request.back}</Link></p>;
  const title = scope?.isAll === false && scope.delegations.length === 1 ? words.titleOne(scope.delegations[0]!.name) : words.title;
  return (
    <Page title={title} above={above}>
      {isMissing && <div class="notice"><Info /><div><h2>{words.missing}</h2><p>{words.missingHelp}</p><p><Link href={listPath()}>{words.toList}</Link></p></div></div>}
      {hasFailed && <Failure error={hasFailed} again={reload} />}
      {!scope && !isMissing && !hasFailed && <Waiting lines={8} />}
      {scope && (scope.count === 0 ? <p class="notice"><Info /> <span>{words.none}</span></p> : (
        <>
          <ScopeSection scope={scope} />
          <People scope={scope} address={address} wanted={wanted} want={want} reload={reload} />
        </>
      ))}
    </Page>
  );
}

interface PeopleProps { scope: Scope; address: ReturnType<typeof useAddress>; wanted: Wanted; want: (wanted: Wanted) => void; reload: () => void }

/** The people of the establishment, page by page; what is wanted of each is kept from one page to another until it is saved. */
function People({ scope, address, wanted, want, reload }: PeopleProps) {
  const client = useClient();
  const search = address.params.get('q');
  const answer = useAnswer(PeopleQuery, { ...pagingOf(address.params), filter: search ? { search } : null });
  const { data, error, again } = answer;
  const users = data?.viewer?.actingFor?.users;
  usePageRepair(address, answer, users?.pageInfo);
  const selection = useSelection(scope.delegations, '');
  const ofAct = (act: Act) => [...wanted].flatMap(([id, each]) => (each === act ? [id] : []));
  const [add, remove] = [ofAct('add'), ofAct('remove')];
  const save = () => selection.run(async () => {
    const which = scope.isAll ? { everyDelegation: true } : { delegationIds: scope.delegations.map(({ id }) => id) };
    const { data: done, error: failed } = await change(client, SetDelegationMembers, { input: { ...which, add, remove } });
    const payload = done?.setDelegationMembers;
    if (payload && !payload.errors.length) {
      want(new Map());
      reload();
    }
    return { items: scope.isAll ? (payload?.results ?? []).map(({ id }) => ({ id, name: '' })) : scope.delegations, payload, error: failed };
  }, words.saved);
  const choose = (id: string, act: Act | '') => {
    const next = new Map(wanted);
    if (act) next.set(id, act);
    else next.delete(id);
    want(next);
  };
  return (
    <>
      <BulkOutcome selection={selection} words={texts.selection} />
      <Filters address={address} searchLabel={words.search} controls={[]} chips={search ? [{ name: 'q', label: search }] : []} />
      {error && !users && <Failure error={error} again={again} />}
      {!users && !error && <Waiting lines={8} />}
      {users && (
        <>
          <ResultCount>{users.totalCount ? words.people(users.totalCount) : words.empty}</ResultCount>
          {users.edges.length > 0 && (
            <section class="card level-choices" aria-label={words.people(users.totalCount)}>
              {users.edges.map(({ node }) => <PersonChoice key={node.id} person={node} scope={scope} value={wanted.get(node.id) ?? ''} onChoose={(act) => choose(node.id, act)} />)}
            </section>
          )}
          <Pager pageInfo={users.pageInfo} address={address} />
        </>
      )}
      <SaveBar add={add.length} remove={remove.length} isBusy={selection.isBusy} onSave={() => void save()} onGiveUp={() => want(new Map())} />
    </>
  );
}

function PersonChoice({ person, scope, value, onChoose }: { person: Person; scope: Scope; value: Act | ''; onChoose: (act: Act | '') => void }) {
  const acts = scope.acts?.get(person.id) ?? 0;
  const { isBlind, said } = limitsOf(person.rights ?? [], scope.services);
  const today = !scope.acts || acts === 0 ? '' : acts === scope.count ? words.actsForAllOf(acts) : words.actsForSome(acts, scope.count);
  const options: { value: Act | ''; label: string }[] = [{ value: '', label: words.asIs }];
  if (!scope.acts || acts < scope.count) options.push({ value: 'add', label: words.add });
  if (!scope.acts || acts > 0) options.push({ value: 'remove', label: words.remove });
  return (
    <Choices className={value ? 'level-choice is-changed' : 'level-choice'} name={`personne-${person.id}`} options={options} value={value} onChange={onChoose}
      legend={<>{person.lastName.toUpperCase()} {person.firstName} {person.status !== 'ACTIVE' && <StatusTag status={person.status} />}</>}
      hint={<>{person.identifier}{today && <strong class="line">{today}</strong>}{said && (isBlind || !scope.isAll) && <span class={isBlind ? 'line level-was' : 'line'}>{said}</span>}</>} />
  );
}

interface BarProps { add: number; remove: number; isBusy: boolean; onSave: () => void; onGiveUp: () => void }

/** What would change and the way to save it, always in view. */
function SaveBar({ add, remove, isBusy, onSave, onGiveUp }: BarProps) {
  const n = add + remove;
  return (
    <div class={n ? 'changes-bar' : 'changes-bar changes-bar-empty'} role="group" aria-label={words.bar}>
      <p class="sr-only" role="status">{n > 0 && words.toSave(add, remove)}</p>
      {n > 0 && (
        <>
          <p class="changes-done" aria-hidden="true"><Check /> {words.toSave(add, remove)}</p>
          <div class="actions">
            <button type="button" class="button button-strong" aria-disabled={isBusy || undefined} onClick={onSave}>{words.save}</button>
            <button type="button" class="button" onClick={onGiveUp}>{words.cancel}</button>
          </div>
        </>
      )}
    </div>
  );
}
