import { Provider, type Client, type CombinedError } from '@urql/preact';
import { createContext, type ComponentChildren } from 'preact';
import { useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { codesOf, createGraph, forgetEverything, useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';

/** Who is signed in, for which establishment, and what waits: shown around every screen. */
const ViewerQuery = graphql(`
  query Viewer {
    viewer {
      isOperator
      heldBack
      feedCursor
      user { id firstName lastName identifier profile establishment { id name } }
      actingFor {
        id name siret isCentralisateur
        courrierSummary { unread total }
        viewerAccess { isAdministrator canManageAccounts canReadCourriers through { id centralisateur { id name } } }
      }
      establishments(first: 1) { totalCount }
    }
  }
`);

export type Viewer = NonNullable<ResultOf<typeof ViewerQuery>['viewer']>;

interface Session {
  /** Null when nobody is signed in, undefined while it is not known. */
  viewer: Viewer | null | undefined;
  error: CombinedError | undefined;
  again: () => void;
  /** The session ended by itself (not by signing out). */
  hasEnded: boolean;
  hasSignedOut: boolean;
  /** Starts afresh after a sign-in, a sign-out or a change of establishment: nothing cached crosses over. */
  renew: (why: 'signed-in' | 'signed-out' | 'establishment') => void;
}

const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  return useContext(SessionContext)!;
}

/** The viewer, on the screens that are only shown to one. */
export function useViewer(): Viewer {
  return useSession().viewer!;
}

/** Holds the session and its client; both are replaced together. */
export function SessionProvider({ children }: { children: ComponentChildren }) {
  const [epoch, setEpoch] = useState(0);
  const [leaving, setLeaving] = useState<'ended' | 'signed-out' | null>(null);
  const isSignedIn = useRef(false);
  const restart = (why: 'ended' | 'signed-out' | null) => {
    isSignedIn.current = false;
    setLeaving(why);
    setEpoch((n) => n + 1);
  };
  const onEnded = () => {
    if (isSignedIn.current) restart('ended');
  };
  const client = useMemo(() => createGraph(onEnded), [epoch]);
  useFreshnessOnReturn(client);
  return (
    <Provider value={client}>
      <WithViewer
        key={epoch}
        leaving={leaving}
        renew={(why) => restart(why === 'signed-out' ? why : null)}
        onKnown={(viewer) => {
          if (viewer) isSignedIn.current = true;
          else onEnded();
        }}
      >
        {children}
      </WithViewer>
    </Provider>
  );
}

/** A tab that was left for more than half a minute, or whose line is back, asks again for what it shows. */
function useFreshnessOnReturn(client: Client) {
  useEffect(() => {
    let hiddenSince = Infinity;
    const look = () => {
      if (document.hidden) hiddenSince = Date.now();
      else if (Date.now() - hiddenSince > 30_000) forgetEverything(client);
    };
    const back = () => forgetEverything(client);
    document.addEventListener('visibilitychange', look);
    addEventListener('online', back);
    return () => {
      document.removeEventListener('visibilitychange', look);
      removeEventListener('online', back);
    };
  }, [client]);
}

interface WithViewerProps {
  leaving: 'ended' | 'signed-out' | null;
  renew: Session['renew'];
  onKnown: (viewer: Viewer | null) => void;
  children: ComponentChildren;
}

function WithViewer({ leaving, renew, onKnown, children }: WithViewerProps) {
  const { data, error, again } = useAnswer(ViewerQuery, {});
  const isStranger = data?.viewer === null || codesOf(error).includes('UNAUTHENTICATED');
  const viewer = isStranger ? null : data?.viewer ?? undefined;
  useEffect(() => {
    if (viewer !== undefined) onKnown(viewer);
  }, [viewer]);
  const session: Session = {
    viewer,
    error: viewer === undefined ? error : undefined,
    again,
    hasEnded: leaving === 'ended',
    hasSignedOut: leaving === 'signed-out',
    renew,
  };
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}
