import { useClient } from '@urql/preact';
import { useEffect } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { forgetEverything } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { follow } from '../socket.ts';
import { announce } from '../ui/announcer.tsx';
import { courrierPath } from './rows.tsx';
import { texts } from './texts.ts';

const CourrierWithdrawn = graphql(`
  subscription CourrierWithdrawn($after: String) {
    courrierWithdrawn(after: $after) { cursor trace { courrierId reference establishment { id name } } }
  }
`);

/** Takes what is withdrawn away from open screens, and says so; after a lost connection it resumes where it stopped (R-COU-13). */
export function useWithdrawals() {
  const client = useClient();
  useEffect(() => {
    let cursor: string | null = null;
    return follow(client, CourrierWithdrawn, { get after() { return cursor; } }, ({ courrierWithdrawn: { cursor: last, trace } }) => {
      if (last === cursor) return;
      cursor = last;
      forgetEverything(client);
      announce(<p>{texts.arrival.withdrawn}<Link href={courrierPath(trace.courrierId)}>{trace.reference}</Link>{texts.arrival.forEstablishment(trace.establishment.name)}</p>);
    }, (refusal) => {
      if (refusal.includes('BAD_CURSOR')) cursor = null;
    });
  }, [client]);
}
