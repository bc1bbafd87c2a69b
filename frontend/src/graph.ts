import { useCallback, useEffect, useRef } from 'preact/hooks';
import {
  Client, cacheExchange, fetchExchange, makeOperation, mapExchange, stringifyVariables, useQuery,
  type AnyVariables, type CombinedError, type Exchange, type Operation, type OperationResult, type TypedDocumentNode,
} from '@urql/preact';
import { filter, map, pipe } from 'wonka';

/** The tag every query carries and every change invalidates: after a change no screen may show a stale figure. */
const EVERYTHING = '*';
const tagged = { additionalTypenames: [EVERYTHING] };

/** One client per session: a new one is made at each sign-in, sign-out and change of establishment, so that nothing cached crosses over. */
export function createGraph(onSessionEnded: () => void): Client {
  return new Client({
    url: '/graphql',
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions: {
      credentials: 'same-origin',
      headers: { accept: 'application/graphql-response+json, application/json' },
    },
    exchanges: [
      mapExchange({
        onResult(result) {
          const isStranger = (result.data as { viewer?: unknown } | undefined)?.viewer === null;
          if (isStranger || codesOf(result.error).includes('UNAUTHENTICATED')) onSessionEnded();
          if (result.operation.kind === 'query') reachability.dispatchEvent(new CustomEvent('change', { detail: !result.error?.networkError }));
        },
      }),
      cacheExchange,
      inOrder,
      fetchExchange,
    ],
  });
}

/**
 * A change made while a screen still waits for its answer: urql's cache then asks nothing again, and the screen would stay on what
 * was before. So it is asked again here; and what an older question is answered later than a newer one is left out.
 */
const inOrder: Exchange = ({ client, forward }) => {
  const waiting = new Map<number, Operation>();
  const answered = new Map<number, number>();
  let asked = 0;
  const numberOf = (operation: Operation) => Number(operation.context.asked);
  const note = (operation: Operation) => {
    if (operation.kind === 'teardown') waiting.delete(operation.key);
    if (operation.kind !== 'query') return operation;
    const numbered = makeOperation('query', operation, { ...operation.context, asked: ++asked });
    waiting.set(operation.key, numbered);
    return numbered;
  };
  const isNews = ({ operation }: OperationResult) => {
    if (operation.kind === 'mutation') {
      waiting.forEach((each) => client.reexecuteOperation(makeOperation('query', each, { ...each.context, requestPolicy: 'network-only' })));
    }
    if (operation.kind !== 'query') return true;
    const number = numberOf(operation);
    if (number < (answered.get(operation.key) ?? 0)) return false;
    answered.set(operation.key, number);
    const last = waiting.get(operation.key);
    if (last && numberOf(last) === number) waiting.delete(operation.key);
    return true;
  };
  return (operations) => pipe(operations, map(note), forward, filter(isNews));
};

/** Says after each query whether the server answered (`change`, a boolean detail). */
export const reachability = new EventTarget();

/** The `extensions.code` of each top-level error. */
export function codesOf(error: CombinedError | undefined): string[] {
  return error?.graphQLErrors.map((each) => String(each.extensions?.code ?? '')) ?? [];
}

export interface Answer<Data> {
  data: Data | undefined;
  error: CombinedError | undefined;
  /** True while an answer is on its way, also when an earlier one is still shown. */
  isWaiting: boolean;
  /** Asks again, from the server. */
  again: () => void;
}

/**
 * What a screen shows: the last answer at once, then the fresh one; asked again by itself after every change.
 * When the server is at fault the last answer stays on screen; when it can't be reached, the question is put again every few seconds.
 */
export function useAnswer<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  options: { pause?: boolean } = {},
): Answer<Data> {
  const [state, run] = useQuery<Data, Variables>({ query, variables, pause: options.pause ?? false, context: tagged });
  const again = useCallback(() => run({ requestPolicy: 'network-only' }), [run]);
  const question = stringifyVariables(variables);
  const kept = useRef<{ question: string; data: Data } | null>(null);
  if (state.data && !state.fetching) kept.current = { question, data: state.data };
  const isDown = !!state.error?.networkError;
  const isFault = isDown || codesOf(state.error).some((code) => code === 'INTERNAL');
  useEffect(() => {
    if (!isDown) return;
    const timer = setTimeout(again, 4000);
    return () => clearTimeout(timer);
  }, [state.error]);
  const data = state.data ?? (isFault && kept.current?.question === question ? kept.current.data : undefined);
  return { data, error: state.error, isWaiting: state.fetching || state.stale, again };
}

/**
 * Runs a mutation, then every query on screen is asked again and the rest forgotten. A sensitive one that waits for the second
 * factor has it asked for, and is sent once more; who gives up gets the refusal.
 */
export async function change<Data, Variables extends AnyVariables>(
  client: Client, mutation: TypedDocumentNode<Data, Variables>, variables: Variables,
) {
  const send = () => client.mutation(mutation, variables, tagged).toPromise();
  const answer = await send();
  return askForConfirmation && waitsForConfirmation(answer.data) && await confirmed() ? send() : answer;
}

let askForConfirmation: (() => Promise<boolean>) | null = null;
let asking: Promise<boolean> | null = null;

/** Who asks for the second factor, and says whether it was given. */
export function onConfirmationNeeded(ask: (() => Promise<boolean>) | null): void {
  askForConfirmation = ask;
  asking = null;
}

/** Asks once for all the changes that wait at the same time. */
function confirmed(): Promise<boolean> {
  asking ??= askForConfirmation!().finally(() => { asking = null; });
  return asking;
}

function waitsForConfirmation(data: unknown): boolean {
  const payloads = Object.values((data ?? {}) as Record<string, { errors?: { code?: string }[] } | null>);
  return payloads.some((payload) => payload?.errors?.some(({ code }) => code === 'SECOND_FACTOR_NEEDED'));
}

/**
 * Something changed on the server without us (a letter arrived, a document was opened): every query on screen is asked again.
 * It is a mutation that never leaves the browser, because urql's document cache only forgets upon mutations.
 */
export function forgetEverything(client: Client): void {
  void client.mutation('mutation Forget { __typename }', {}, { ...tagged, fetch: answerLocally }).toPromise();
}

const answerLocally: typeof fetch = () =>
  Promise.resolve(new Response('{"data":{}}', { headers: { 'content-type': 'application/json' } }));
