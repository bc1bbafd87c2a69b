import { useClient, type Client } from '@urql/preact';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { inWords, today, withTime } from '../dates.ts';
import { change, forgetEverything } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { follow } from '../socket.ts';
import { announce } from '../ui/announcer.tsx';
import { Cross, Info } from '../ui/icons.tsx';
import { texts as common } from '../ui/texts.ts';
import { ActFor } from './acting.ts';
import type { Viewer } from './session.tsx';
import { texts } from './texts.ts';

const EndingFields = graphql(`
  fragment EndingFields on Delegation @_unmask {
    id status isInForce endsOn endedAt endReason
    endedBy { id firstName lastName establishment { id name } }
    delegataire { id name }
  }
`);

const ViewerChanged = graphql(`
  subscription ViewerChanged {
    viewerChanged { kinds delegationsBegun { id delegataire { id name } } delegationsEnded { ...EndingFields } }
  }
`, [EndingFields]);

const EndingQuery = graphql(`
  query Ending($id: ID!) { node(id: $id) { __typename ... on Delegation { ...EndingFields } } }
`, [EndingFields]);

type Ending = ResultOf<typeof EndingFields>;
type Changed = ResultOf<typeof ViewerChanged>['viewerChanged'];
const words = texts.changed;

/**
 * Follows what changes for the person signed in: rights, profile, terms, delegations (R-ACC-06, R-DEL-08). Every screen is then
 * asked again. When one acts for an establishment and may not any more, the screen is one's own again by itself; it is told here,
 * by name and date, without taking the focus from what is being typed.
 */
export function Changes({ viewer }: { viewer: Viewer }) {
  const client = useClient();
  const [notice, setNotice] = useState<string[] | null>(null);
  const endings = useRef(new Map<string, Ending>());
  const before = useRef(viewer.actingFor);
  const current = useRef(viewer);
  current.current = viewer;
  useEffect(() => follow(client, ViewerChanged, {}, ({ viewerChanged }) => {
    viewerChanged.delegationsEnded.forEach((ending) => endings.current.set(ending.delegataire.id, ending));
    forgetEverything(client);
    tell(viewerChanged, current.current.actingFor?.id);
  }, (refusal) => {
    if (refusal.includes('UNAUTHENTICATED')) forgetEverything(client);
  }), [client]);

  const home = viewer.user?.establishment;
  useEffect(() => {
    const [then, now] = [before.current, viewer.actingFor];
    before.current = now;
    if (!then || !now || !home || then.id === now.id) return;
    const told = endings.current.get(then.id);
    endings.current.delete(then.id);
    if (then.id === home.id || now.id !== home.id) return announce(<p>{words.elsewhere(now.name)}</p>);
    void endingOf(client, then, told).then((ending) => {
      if (ending?.isInForce && !told) return announce(<p>{words.elsewhere(now.name)}</p>); // chosen in another tab
      announce(null); // what was said of acting there
      setNotice([...sentences(then.name, ending), words.isBack(home.name)]);
      void change(client, ActFor, { input: { establishmentId: home.id } });
    });
  }, [viewer.actingFor?.id]);
  return <Told notice={notice} onClose={() => setNotice(null)} />;
}

/** What begins or ends elsewhere than where one acts: said in passing. */
function tell({ delegationsBegun: begun, delegationsEnded: ended }: Changed, actingForId: string | undefined) {
  const others = ended.filter(({ delegataire }) => delegataire.id !== actingForId);
  const [first] = begun;
  const [last] = others;
  const said: ComponentChildren[] = [];
  if (first) said.push(begun.length === 1 ? words.begun(first.delegataire.name) : words.begunMany(begun.length), <Link href="/agir-pour">{words.switch}</Link>);
  if (last) said.push(' ', others.length === 1 ? sentences(last.delegataire.name, last).join(' ') : words.endedMany(others.length));
  if (said.length) announce(<p>{said}</p>);
}

/** The delegation through which one acted: as it was told, or as it can still be looked up. */
async function endingOf(client: Client, then: NonNullable<Viewer['actingFor']>, told: Ending | undefined): Promise<Ending | null> {
  const id = then.viewerAccess.through?.id;
  if (told || !id) return told ?? null;
  const { data } = await client.query(EndingQuery, { id }, { requestPolicy: 'network-only' }).toPromise();
  return data?.node?.__typename === 'Delegation' ? data.node : null;
}

/** What happened to a delegation through which one acted: ended by somebody, over, or one is not among its people any more. */
function sentences(name: string, ending: Ending | null): string[] {
  if (ending?.status === 'ENDED' && ending.endedAt) {
    const by = ending.endedBy;
    const who = by ? words.by(`${by.firstName} ${by.lastName}`, by.establishment.id === ending.delegataire.id) : '';
    return [words.ended(name, withTime(ending.endedAt), who), ...(ending.endReason ? [words.reason(ending.endReason)] : [])];
  }
  if (ending?.status === 'EXPIRED' && ending.endsOn) return [words.over(name, inWords(ending.endsOn))];
  return [words.removed(name, inWords(today()))];
}

/** The notice: polite, in view at the top of the window until it is closed. The focus comes to it only if it was on what is gone. */
function Told({ notice, onClose }: { notice: string[] | null; onClose: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (notice && (!document.activeElement || document.activeElement === document.body)) box.current?.focus({ preventScroll: true });
  }, [notice]);
  return (
    <div class={notice ? 'bar bar-changed' : undefined} {...(notice && { role: 'region', 'aria-label': words.label })}>
      <div role="status" tabIndex={-1} ref={box}>{notice && <p><Info /> <span>{notice.join(' ')}</span></p>}</div>
      {notice && <button type="button" class="button-quiet" aria-label={common.close} onClick={onClose}><Cross /></button>}
    </div>
  );
}
