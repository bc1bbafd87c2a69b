import { Link } from 'wouter-preact';
import { inWords, withTime } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { EventFields, What } from '../journal/events.tsx';
import { useViewer } from '../session/session.tsx';
import { NotFound } from '../shell/not-found.tsx';
import { Failure, Refusal } from '../ui/failure.tsx';
import { ArrowLeft, Info } from '../ui/icons.tsx';
import { lazily } from '../ui/lazy.tsx';
import { Page } from '../ui/page.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { DelegationActions } from './actions.tsx';
import { Decision, DecisionFields } from './decision.tsx';
import { Members, MemberFields } from './delegation-members.tsx';
import { Services } from './delegation-services.tsx';
import { Extension } from './extension.tsx';
import { listPath, pathOf, RECEIVED, REQUESTED } from './paths.ts';
import { StateFields, stateOf, StateTag } from './state.tsx';
import { texts } from './texts.ts';
import '../courrier/courrier.css';
import './delegation.css';
import './decision.css';

const DelegationFields = graphql(`
  fragment DelegationFields on Delegation @_unmask {
    id requestedAt message refusalReason endReason allowedActions
    ...StateFields
    ...DecisionFields
    centralisateur { id name } delegataire { id name }
    services { level service { id code label } }
    servicesAsked { level service { id code label } }
    impact { people courriers services sentence }
    members { ...MemberFields }
    requestedBy { id firstName lastName }
    decidedBy { id firstName lastName }
    endedBy { id firstName lastName establishment { id name } }
    history { ...EventFields }
  }
`, [StateFields, DecisionFields, MemberFields, EventFields]);

const DelegationQuery = graphql(`
  query OneDelegation($id: ID!) { node(id: $id) { __typename ... on Delegation { ...DelegationFields } } }
`, [DelegationFields]);

const Activity = lazily(async () => (await import('./activity.tsx')).default, 'section');

export type DelegationShown = ResultOf<typeof DelegationFields>;
/** On which side of it one is: theirs is the délégataire's; neither, for operators. */
export type Side = 'asker' | 'asked' | 'neither';

const words = texts.one;
const nameOf = (person: { firstName: string; lastName: string } | null) => (person ? `${person.firstName} ${person.lastName}` : '');

/** One delegation, for both parties: what it is, what it allows, who acts, what happened, and what one may do about it. */
export function Delegation({ id, tab }: { id: string; tab: string | undefined }) {
  const { user, actingFor } = useViewer();
  const { data, error, again } = useAnswer(DelegationQuery, { id });
  const delegation = data?.node?.__typename === 'Delegation' ? data.node : undefined;
  const home = user?.establishment.id;
  const side: Side = home === delegation?.delegataire.id ? 'asked' : home === delegation?.centralisateur.id ? 'asker' : 'neither';
  const list = side === 'asked' && actingFor?.isCentralisateur ? RECEIVED : REQUESTED;
  const above = <p class="above"><Link href={listPath(list)}><ArrowLeft /> {texts.request.back}</Link></p>;
  if (tab && tab !== 'activite') return <NotFound />;
  if (!delegation) {
    return <Page title={words.section} above={above}>{error && !data ? <Failure error={error} again={again} /> : data ? <Refusal kind="missing" /> : <Waiting />}</Page>;
  }
  const { centralisateur, delegataire } = delegation;
  const title = side === 'asker' ? delegataire.name : side === 'asked' ? centralisateur.name : `${centralisateur.name}, ${delegataire.name}`;
  const isAdministrator = !!actingFor?.viewerAccess.canManageAccounts && actingFor.id === home;
  const path = pathOf(id);
  const state: unknown = history.state;
  return (
    <Page title={title} above={above} documentTitle={words.documentTitle(title)} beside={<StateTag of={delegation} />}>
      <p class="lead">{said(delegation)}</p>
      {isAdministrator && (
        <nav class="views" aria-label={words.tabs}>
          <ul>
            <li><Link href={path} state={state} aria-current={tab ? undefined : 'page'}>{words.tab['']}</Link></li>
            <li><Link href={`${path}/activite`} state={state} aria-current={tab ? 'page' : undefined}>{words.tab.activite}</Link></li>
          </ul>
        </nav>
      )}
      {tab ? <Activity id={id} asker={centralisateur.name} asked={delegataire.name} /> : <Whole delegation={delegation} side={side} />}
    </Page>
  );
}

function Whole({ delegation, side }: { delegation: DelegationShown; side: Side }) {
  const { allowedActions, message, refusalReason, endReason, history: events } = delegation;
  const decides = allowedActions.includes('ACCEPT');
  return (
    <>
      {side === 'asked' && <Decision delegation={delegation} />}
      {!decides && <Impact delegation={delegation} side={side} />}
      {refusalReason && <Said title={words.refusalReason} text={refusalReason} />}
      {endReason && <Said title={words.endReason} text={endReason} />}
      {!(decides && side === 'asked') && <Services delegation={delegation} />}
      <Facts delegation={delegation} />
      {message && !decides && <Said title={words.message} text={message} />}
      <Members delegation={delegation} side={side} />
      {side === 'asked' && <Extension delegation={delegation} />}
      <DelegationActions delegation={delegation} side={side} />
      {events.length > 0 && (
        <section class="card" aria-labelledby="delegation-history">
          <h2 id="delegation-history">{words.history}</h2>
          <ol class="timeline">{events.map((event) => <li key={event.id}><time dateTime={event.occurredAt}>{withTime(event.occurredAt)}</time><What event={event} /></li>)}</ol>
        </section>
      )}
    </>
  );
}

/** Where it is, in a sentence. */
function said(delegation: DelegationShown): string {
  const { answerUntil, startsOn, endsOn, decidedAt, endedAt, decidedBy, endedBy } = delegation;
  const day = (value: string | null) => (value ? inWords(value) : '');
  const decider = decidedBy ? words.by(nameOf(decidedBy)) : '';
  const ender = endedBy ? words.by(`${nameOf(endedBy)} (${endedBy.establishment.name})`) : '';
  switch (stateOf(delegation)) {
    case 'PENDING': return words.said.PENDING(day(answerUntil));
    case 'IN_FORCE': return endsOn ? words.said.IN_FORCE_UNTIL(day(startsOn ?? decidedAt), day(endsOn)) : words.said.IN_FORCE(day(startsOn ?? decidedAt));
    case 'TO_COME': return words.said.TO_COME(day(startsOn));
    case 'REFUSED': return words.said.REFUSED(decider, day(decidedAt));
    case 'WITHDRAWN': return words.said.WITHDRAWN(ender, day(endedAt));
    case 'ENDED': return words.said.ENDED(ender, day(endedAt));
    case 'EXPIRED': return decidedAt ? words.said.OVER(day(endsOn)) : words.said.LAPSED;
  }
}

/** What it allows: its sentence is written for the délégataire (R-DEL-03); whoever asked is told the same of themselves. */
function Impact({ delegation, side }: { delegation: DelegationShown; side: Side }) {
  const { impact, status, isInForce, delegataire } = delegation;
  if (!impact || (status !== 'PENDING' && status !== 'ACCEPTED')) return null;
  const { people, courriers, services, sentence } = impact;
  if (side === 'asker') return isInForce && people > 0 ? <p class="notice"><Info /> <span>{words.impact.today(people, courriers, services)}</span></p> : null;
  if (side === 'asked') return <p class="notice"><Info /> <span>{sentence}</span></p>;
  return <div class="notice"><Info /><div><p>{words.impact.theirs(delegataire.name)}</p><blockquote>{sentence}</blockquote></div></div>;
}

function Facts({ delegation }: { delegation: DelegationShown }) {
  const { centralisateur, delegataire, requestedAt, requestedBy, remindedAt, decidedAt, decidedBy, endedAt, endedBy, startsOn, endsOn, status } = delegation;
  const onBy = (when: string, who: string) => words.onBy(withTime(when), who);
  const ended = status === 'WITHDRAWN' || status === 'ENDED' ? words.ended[status] : words.ended.EXPIRED;
  const from = startsOn ? texts.request.from(inWords(startsOn)) : texts.request.fromAcceptance;
  return (
    <section class="card" aria-labelledby="delegation-facts">
      <h2 id="delegation-facts">{words.facts}</h2>
      <dl class="facts facts-wide">
        <div><dt>{words.centralisateur}</dt><dd>{centralisateur.name}</dd></div>
        <div><dt>{words.delegataire}</dt><dd>{delegataire.name}</dd></div>
        <div><dt>{words.period}</dt><dd>{from}, {endsOn ? texts.until(inWords(endsOn)) : texts.unlimited}</dd></div>
        <div><dt>{words.requested}</dt><dd>{onBy(requestedAt, nameOf(requestedBy))}</dd></div>
        {remindedAt && <div><dt>{words.reminded}</dt><dd>{onBy(remindedAt, '')}</dd></div>}
        {decidedAt && <div><dt>{status === 'REFUSED' ? words.decided.refused : words.decided.accepted}</dt><dd>{onBy(decidedAt, nameOf(decidedBy))}</dd></div>}
        {endedAt && <div><dt>{ended}</dt><dd>{onBy(endedAt, nameOf(endedBy))}</dd></div>}
      </dl>
    </section>
  );
}

/** What one of the parties wrote, as they wrote it. */
const Said = ({ title, text }: { title: string; text: string }) => (
  <section class="card said">
    <h2>{title}</h2>
    <blockquote>{text}</blockquote>
  </section>
);
