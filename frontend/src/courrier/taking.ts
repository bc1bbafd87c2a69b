import { useClient, type Client } from '@urql/preact';
import { sameOriginPath } from '../address.ts';
import { change, forgetEverything } from '../graph.ts';
import { graphql, type VariablesOf } from '../graphql.ts';
import type { CourrierFilter, CourrierOrder } from './filters.ts';
import type { Outcome } from './marking.tsx';
import { texts } from './texts.ts';

const ExportCourriers = graphql(`
  mutation ExportCourriers($input: ExportCourriersInput!) { exportCourriers(input: $input) { url count isCut errors { code message path } } }
`);
type Wanted = VariablesOf<typeof ExportCourriers>['input'];

const MatchingQuery = graphql(`
  query MatchingCourriers($after: String, $filter: CourrierFilter, $orderBy: CourrierOrder) {
    viewer {
      courriers(first: 100, after: $after, filter: $filter, orderBy: $orderBy) {
        pageInfo { hasNextPage endCursor }
        edges { node { id isReadByViewer isArchived } }
      }
    }
  }
`);

/** The most courriers one selection holds: a ZIP of as many can still be read. */
export const MOST_SELECTED = 1000;

export interface Matching { rows: { id: string; isReadByViewer: boolean; isArchived: boolean }[]; isCut: boolean }

/** Every courrier of a list, in its order, as many as a selection holds; null where the server does not answer. */
export async function matching(client: Client, filter: CourrierFilter, orderBy: CourrierOrder): Promise<Matching | null> {
  const rows: Matching['rows'] = [];
  let after: string | null = null;
  while (rows.length < MOST_SELECTED) {
    const found: Awaited<ReturnType<typeof ask>> = await ask(client, after, filter, orderBy);
    if (!found) return null;
    rows.push(...found.edges.map(({ node }) => node));
    if (!found.pageInfo.hasNextPage) return { rows, isCut: false };
    after = found.pageInfo.endCursor;
  }
  return { rows: rows.slice(0, MOST_SELECTED), isCut: true };
}

async function ask(client: Client, after: string | null, filter: CourrierFilter, orderBy: CourrierOrder) {
  const { data } = await client.query(MatchingQuery, { after, filter, orderBy }, { requestPolicy: 'network-only' }).toPromise();
  return data?.viewer?.courriers;
}

/** Has a selection made into a file and fetches it; what to say of it. */
export function useTaking() {
  const client = useClient();
  return async (input: Wanted): Promise<Outcome> => {
    const { data } = await change(client, ExportCourriers, { input });
    const made = data?.exportCourriers;
    if (!made?.url) return { text: made?.errors.map(({ message }) => message).join(' ') || texts.mark.failed };
    location.assign(sameOriginPath(made.url));
    // What a ZIP holds is downloaded as it goes: the list shows it a little later.
    if (input.format === 'ZIP') setTimeout(() => forgetEverything(client), 4000);
    const words = [texts.taking.begun[input.format](made.count)];
    if (made.isCut) words.push(texts.taking.cut);
    return { text: words.join(' ') };
  };
}
