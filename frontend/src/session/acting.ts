import { useClient } from '@urql/preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { change } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { useSession } from './session.tsx';
import { texts } from './texts.ts';

const ActFor = graphql(`
  mutation ActFor($input: ActForInput!) {
    actFor(input: $input) { errors { code message path } viewer { actingFor { id name } } }
  }
`);

/** Changes the establishment one acts for, then goes to that establishment's home. */
export function useActFor() {
  const client = useClient();
  const { renew } = useSession();
  const [, navigate] = useLocation();
  const [refusal, setRefusal] = useState<string | null>(null);
  const actFor = async (establishmentId: string) => {
    setRefusal(null);
    const { data } = await change(client, ActFor, { input: { establishmentId } });
    const errors = data?.actFor.errors;
    if (!errors || errors.length) return setRefusal(errors?.map((error) => error.message).join(' ') ?? texts.actFor.failed);
    navigate('/');
    renew('establishment');
  };
  return { actFor, refusal };
}
