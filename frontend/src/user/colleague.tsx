import { useState } from 'preact/hooks';
import { useAnswer } from '../graph.ts';
import { graphql, type VariablesOf } from '../graphql.ts';
import { texts } from './texts.ts';

const ColleaguesQuery = graphql(`
  query Colleagues($filter: UserFilter) {
    viewer { actingFor { id users(first: 100, filter: $filter, orderBy: NAME_ASC) {
      pageInfo { hasNextPage }
      edges { node { id firstName lastName identifier } }
    } } }
  }
`);

const words = texts.rights;

interface ColleagueChoiceProps {
  value: string;
  onChoose: (id: string) => void;
  exceptId?: string | undefined;
  /** What else they must be. */
  among?: NonNullable<VariablesOf<typeof ColleaguesQuery>['filter']>;
}

/** One of the establishment's accounts, searched by name where they are many. */
export function ColleagueChoice({ value, onChoose, exceptId, among }: ColleagueChoiceProps) {
  const [search, setSearch] = useState('');
  const { data } = useAnswer(ColleaguesQuery, { filter: { ...among, ...(search && { search }) } });
  const users = data?.viewer?.actingFor?.users;
  const isLong = !!search || !!users?.pageInfo.hasNextPage;
  return (
    <>
      {isLong && (
        <div class="field">
          <label for="copy-search">{words.copySearch}</label>
          <input id="copy-search" type="search" autocomplete="off" onChange={(event) => setSearch(event.currentTarget.value.trim())} />
        </div>
      )}
      <div class="field">
        <label for="copy-from">{words.colleague}</label>
        <select id="copy-from" value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
          <option value="">{words.choose}</option>
          {users?.edges.map(({ node }) => node.id !== exceptId && <option key={node.id} value={node.id}>{node.lastName.toUpperCase()} {node.firstName} ({node.identifier})</option>)}
        </select>
      </div>
    </>
  );
}
