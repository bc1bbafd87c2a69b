import { useClient, type Client } from '@urql/preact';
import { useEffect } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { forgetEverything } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import type { Viewer } from '../session/session.tsx';
import { follow } from '../socket.ts';
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
    let cursor: string | undefined = viewer.feedCursor;
    const seen = new Set<string>();
    const receive = handfuls(client, viewer);
    return follow(client, CourrierDeposited, { get after() { return cursor ?? null; } }, ({ courrierDeposited }) => {
      if (seen.has(courrierDeposited.cursor)) return;
      cursor = courrierDeposited.cursor;
      seen.add(cursor);
      receive(courrierDeposited);
    }, (refusal) => {
      // A cursor the server does not know: the feed is taken from now on. Anything else: from where it stopped.
      if (refusal.includes('BAD_CURSOR')) cursor = undefined;
    });
  }, [client]);
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
