import { useClient, type Client, type CombinedError } from '@urql/preact';
import { useEffect, useState } from 'preact/hooks';
import { graphql, type ResultOf } from '../../graphql.ts';
import { Info } from '../../ui/icons.tsx';
import type { Level } from '../../user/level.tsx';
import { keptScope } from './kept.ts';
import { texts } from '../texts.ts';

const SelectedQuery = graphql(`
  query SelectedDelegations($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      ... on Delegation { id status delegataire { id name } services { level service { id code label } } members { id } }
    }
  }
`);

const EveryQuery = graphql(`
  query EveryDelegation {
    viewer {
      actingFor {
        id
        services { service { id code label isDelegable } }
        delegationsRequested(first: 0, filter: { status: [ACCEPTED] }) { totalCount }
      }
    }
  }
`);

type Selected = Extract<NonNullable<ResultOf<typeof SelectedQuery>['nodes'][number]>, { __typename: 'Delegation' }>;

/** The delegations that people are chosen for. */
export interface Scope {
  isAll: boolean;
  /** Those that were accepted, whose people can be chosen. */
  count: number;
  /** Each one by name; none where it is all of them. */
  delegations: readonly { id: string; name: string }[];
  services: readonly { level?: Level; service: { code: string; label: string } }[];
  /** By how many of them each account acts; null where it is all of them. */
  acts: ReadonlyMap<string, number> | null;
}

const words = texts.choosing;
const SLICE = 100;
const fresh = { requestPolicy: 'network-only' } as const;

/** What the address names: one delegation, all of them, or those kept under a name. Read anew after each change. */
export function useScope(pour: string | null, choix: string | null) {
  const client = useClient();
  const [version, setVersion] = useState(0);
  const [scope, setScope] = useState<Scope | null>(null);
  const [hasFailed, setFailed] = useState<CombinedError | null>(null);
  const ids = pour && pour !== 'toutes' ? [pour] : choix ? keptScope(choix) : null;
  const isMissing = pour !== 'toutes' && !ids?.length;
  useEffect(() => {
    if (isMissing) return;
    let isGone = false;
    const found = ids ? selected(client, ids) : everyOne(client);
    found.then((read) => {
      if (isGone) return;
      setScope(read);
      setFailed(null);
    }, (error: CombinedError) => !isGone && setFailed(error));
    return () => {
      isGone = true;
    };
  }, [client, pour, choix, version]);
  return { scope, isMissing, hasFailed: scope ? null : hasFailed, reload: () => setVersion((n) => n + 1) };
}

async function selected(client: Client, ids: readonly string[]): Promise<Scope> {
  const rows: Selected[] = [];
  for (let start = 0; start < ids.length; start += SLICE) {
    const { data, error } = await client.query(SelectedQuery, { ids: ids.slice(start, start + SLICE) }, fresh).toPromise();
    if (!data) throw error;
    rows.push(...data.nodes.flatMap((node) => (node?.__typename === 'Delegation' ? [node] : [])));
  }
  const accepted = rows.filter(({ status }) => status === 'ACCEPTED');
  const acts = new Map<string, number>();
  for (const { id } of accepted.flatMap(({ members }) => members)) acts.set(id, (acts.get(id) ?? 0) + 1);
  // Of a service that several delegate, the highest level.
  const services = new Map<string, Selected['services'][number]>();
  for (const each of accepted.flatMap((row) => row.services)) if (services.get(each.service.code)?.level !== 'MODIFY') services.set(each.service.code, each);
  return { isAll: false, count: accepted.length, delegations: rows.map(({ id, delegataire }) => ({ id, name: delegataire.name })), services: [...services.values()], acts };
}

async function everyOne(client: Client): Promise<Scope> {
  const { data, error } = await client.query(EveryQuery, {}, fresh).toPromise();
  if (!data) throw error;
  const place = data.viewer?.actingFor;
  const services = (place?.services ?? []).filter(({ service }) => service.isDelegable);
  return { isAll: true, count: place?.delegationsRequested.totalCount ?? 0, delegations: [], services, acts: null };
}

/** Which delegations are concerned, and what a person can do through one. */
export function ScopeSection({ scope: { isAll, count, delegations } }: { scope: Scope }) {
  const isOne = delegations.length === 1;
  const left = isAll ? 0 : delegations.length - count;
  return (
    <>
      {isAll && <p class="lead">{words.everything(count)}</p>}
      {!isAll && !isOne && (
        <section class="card" aria-labelledby="scope">
          <h2 id="scope">{words.scope(delegations.length)}</h2>
          {left > 0 && <p class="soft">{words.notAccepted(left)}</p>}
          <ul class="bulk-people" {...(delegations.length > 12 && { tabIndex: 0, 'aria-labelledby': 'scope' })}>{delegations.map(({ id, name }) => <li key={id}>{name}</li>)}</ul>
        </section>
      )}
      <p class="notice"><Info /> <span>{words.lead}</span></p>
    </>
  );
}
