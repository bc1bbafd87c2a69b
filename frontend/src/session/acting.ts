import { useClient } from '@urql/preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { change } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { announceNext } from '../ui/announcer.tsx';
import { mayLeave } from '../ui/leaving.ts';
import { focusNextScreen } from '../ui/page.tsx';
import { useSession } from './session.tsx';
import { texts } from './texts.ts';

export const ActFor = graphql(`
  mutation ActFor($input: ActForInput!) {
    actFor(input: $input) { errors { code message path } viewer { actingFor { id name } } }
  }
`);

/** The same kind of screen for another establishment, where it has one: the letters, what it is; home otherwise. */
function placeAfter(path: string, search: string): string {
  if (path.startsWith('/courriers')) {
    const view = new URLSearchParams(search).get('vue');
    return path === '/courriers' && view ? `/courriers?vue=${encodeURIComponent(view)}` : '/courriers';
  }
  return ['/etablissement', '/etablissement/services', '/mes-informations', '/mon-activite'].includes(path) ? path : '/';
}

/** Changes the establishment one acts for, and stays on the same kind of screen. */
export function useActFor() {
  const client = useClient();
  const { viewer, renew } = useSession();
  const [, navigate] = useLocation();
  const [refusal, setRefusal] = useState<string | null>(null);
  const actFor = async (establishmentId: string) => {
    if (!mayLeave()) return;
    setRefusal(null);
    const { data } = await change(client, ActFor, { input: { establishmentId } });
    const { errors, viewer: now } = data?.actFor ?? {};
    if (!errors || errors.length) return setRefusal(errors?.map((error) => error.message).join(' ') ?? texts.actFor.failed);
    const chosen = now?.actingFor;
    if (chosen) announceNext(chosen.id === viewer?.user?.establishment.id ? texts.actFor.isBack(chosen.name) : texts.actFor.now(chosen.name));
    focusNextScreen();
    navigate(placeAfter(location.pathname, location.search));
    renew('establishment');
  };
  return { actFor, refusal };
}
