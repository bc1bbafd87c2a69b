import { stringifyDocument, useClient, type Client } from '@urql/preact';
import type { Client as Socket } from 'graphql-ws';
import { useEffect } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { forgetEverything } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import type { Viewer } from '../session/session.tsx';
import { announce } from '../ui/announcer.tsx';
import { texts } from './texts.ts';

const CourrierDeposited = graphql(`
  subscription CourrierDeposited($after: String) {
    courrierDeposited(after: $after) { cursor courrier { id subject establishment { id name } } }
  }
`);

type Deposited = ResultOf<typeof CourrierDeposited>['courrierDeposited'];
type Arrived = NonNullable<Deposited['courrier']>;

/** The courriers that arrived while this page was open, which the list shows as new. */
export const arrivedIds = new Set<string>();
const listeners = new Set<(arrived: Arrived[]) => void>();

/** Calls back with each handful of courriers that arrive. */
export function useArrived(listener: (arrived: Arrived[]) => void) {
  useEffect(() => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, [listener]);
}

/**
 * Follows the feed of new courriers for as long as somebody is signed in. It starts where the feed stood when the viewer
 * was asked for, and after a lost connection resumes where it stopped: nothing missed, nothing said twice (R-COU-16).
 */
export function useArrivals(viewer: Viewer) {
  const client = useClient();
  useEffect(() => {
    let isGone = false;
    let socket: Socket | undefined;
    void import('graphql-ws').then(({ createClient }) => {
      if (isGone) return;
      socket = createClient(socketOptions(client));
      follow(socket, viewer.feedCursor, handfuls(client, viewer), () => isGone);
    }, () => undefined);
    return () => {
      isGone = true;
      void socket?.dispose();
    };
  }, [client]);
}

function follow(socket: Socket, start: string | undefined, receive: (deposited: Deposited) => void, isGone: () => boolean) {
  let cursor = start;
  const seen = new Set<string>();
  const restart = (from: string | undefined) => {
    setTimeout(() => {
      if (!isGone()) follow(socket, from, receive, isGone);
    }, 10_000);
  };
  socket.subscribe<ResultOf<typeof CourrierDeposited>>(
    {
      query: stringifyDocument(CourrierDeposited),
      // Read anew each time the message is sent, so that a reconnection resumes at the last cursor.
      variables: { get after() { return cursor; } },
    },
    {
      next({ data }) {
        if (!data || seen.has(data.courrierDeposited.cursor)) return;
        cursor = data.courrierDeposited.cursor;
        seen.add(cursor);
        receive(data.courrierDeposited);
      },
      // A cursor the server does not know: the feed is taken from now on. Anything else: from where it stopped.
      error: (refusal) => restart(JSON.stringify(refusal ?? null).includes('BAD_CURSOR') ? undefined : cursor),
      complete: () => restart(cursor),
    },
  );
}

function socketOptions(client: Client) {
  let socket: WebSocket | undefined;
  let deadline: ReturnType<typeof setTimeout> | undefined;
  let wasConnected = false;
  return {
    url: `${location.origin.replace(/^http/, 'ws')}/graphql`,
    keepAlive: 15_000,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: (retries: number) => new Promise<void>((resolve) => {
      setTimeout(resolve, Math.min(30_000, 500 * 2 ** retries) * (0.75 + Math.random() / 2));
    }),
    on: {
      connected: () => {
        if (wasConnected) forgetEverything(client);
        wasConnected = true;
      },
      closed: (event: unknown) => {
        clearTimeout(deadline);
        const code = (event as { code?: number }).code;
        if (code === 4401 || code === 4403) forgetEverything(client);
      },
      ping: (received: boolean) => {
        if (!received) deadline = setTimeout(() => socket?.close(4408, 'No pong'), 5_000);
      },
      pong: (received: boolean) => {
        if (received) clearTimeout(deadline);
      },
      opened: (opened: unknown) => {
        socket = opened as WebSocket;
      },
    },
  };
}

/** Gathers what arrives close together: one refresh and one announcement for a whole campaign's burst. */
function handfuls(client: Client, viewer: Viewer) {
  let waiting: Deposited[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastRefresh = 0;
  const pause = viewer.isOperator ? 4000 : 1000;
  const empty = () => {
    timer = undefined;
    lastRefresh = Date.now();
    const arrived = waiting.flatMap(({ courrier }) => (courrier ? [courrier] : []));
    waiting = [];
    arrived.forEach(({ id }) => arrivedIds.add(id));
    forgetEverything(client);
    listeners.forEach((listener) => listener(arrived));
    if (!viewer.isOperator && arrived.length) announce(<Arrival arrived={arrived} viewer={viewer} />);
  };
  return (deposited: Deposited) => {
    waiting.push(deposited);
    timer ??= setTimeout(empty, Math.max(120, pause - (Date.now() - lastRefresh)));
  };
}

function Arrival({ arrived, viewer }: { arrived: Arrived[]; viewer: Viewer }) {
  const [first] = arrived;
  if (arrived.length === 1 && first) {
    const isElsewhere = first.establishment.id !== viewer.actingFor?.id;
    return (
      <p>
        {texts.arrival.one}<Link href={`/courriers/${encodeURIComponent(first.id)}`}>{first.subject}</Link>
        {isElsewhere && texts.arrival.forEstablishment(first.establishment.name)}
      </p>
    );
  }
  return <p>{texts.arrival.many(arrived.length)}<Link href="/courriers">{texts.arrival.show}</Link></p>;
}
