import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { daysUntil, inWords, withTime } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { EventFields, What } from '../journal/events.tsx';
import { Failure, Refusal } from '../ui/failure.tsx';
import { ErrorSummary } from '../ui/form.tsx';
import { Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { ResultCount } from '../ui/results.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { DecidedFields, Outcome, useDeciding, type Deciding } from './deciding.tsx';
import { DecisionFields, Request } from './decision.tsx';
import { texts } from './decision-texts.ts';
import { EndDialog } from './end.tsx';
import { EXTENSION, pathOf } from './paths.ts';
import { StateFields, StateTag, stateDetail } from './state.tsx';
import './delegation.css';
import './decision.css';

/** How many of each, at once: a délégataire has one or two. */
const MOST = 20;
const NAMED = 8;

const ActingFields = graphql(`
  fragment ActingFields on Delegation @_unmask {
    ...DecidedFields
    ...StateFields
    allowedActions memberCount
    impact { sentence }
    services { level service { id label } }
    members { id firstName lastName }
    activity(first: 3) { edges { node { ...EventFields } } }
  }
`, [DecidedFields, StateFields, EventFields]);

const ReceivedQuery = graphql(`
  query ReceivedDelegations($most: Int) {
    viewer {
      actingFor {
        id
        waiting: delegationsReceived(first: $most, status: [PENDING]) { totalCount edges { node { ...DecisionFields } } }
        today: delegationsReceived(first: $most, filter: { inForce: true }) { totalCount edges { node { ...ActingFields } } }
        toCome: delegationsReceived(first: $most, filter: { status: [ACCEPTED], inForce: false }) { totalCount edges { node { ...ActingFields } } }
      }
    }
  }
`, [DecisionFields, ActingFields]);

const GoneQuery = graphql(`
  query DecidedMeanwhile($id: ID!) { node(id: $id) { __typename ... on Delegation { ...DecidedFields } } }
`, [DecidedFields]);

const PastQuery = graphql(`
  query PastDelegations($first: Int, $after: String, $last: Int, $before: String) {
    viewer {
      actingFor {
        id
        delegationsReceived(first: $first, after: $after, last: $last, before: $before, filter: { status: [REFUSED, ENDED, EXPIRED, WITHDRAWN] }) {
          totalCount
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          edges { node { ...StateFields centralisateur { id name } } }
        }
      }
    }
  }
`, [StateFields]);

type Acting = ResultOf<typeof ActingFields>;
const words = texts.received;

/** What a délégataire was asked: what waits for its answer, who acts for it, what it once decided. */
export function Received() {
  const { data, error, again } = useAnswer(ReceivedQuery, { most: MOST });
  const deciding = useDeciding();
  const lists = data?.viewer?.actingFor;
  useGone(lists?.waiting.edges.map(({ node }) => node.id), deciding);
  if (!lists) return error ? <Failure error={error} again={again} /> : data ? <Refusal kind="missing" /> : <Waiting lines={8} />;
  const { waiting, today, toCome } = lists;
  return (
    <>
      <Outcome outcome={deciding.outcome} />
      <ErrorSummary errors={deciding.errors} />
      <section aria-labelledby="received-waiting">
        <h2 id="received-waiting" class={waiting.edges.length ? 'sr-only' : undefined}>{words.waiting}</h2>
        {waiting.edges.length === 0 ? <p class="soft">{words.noneWaiting}</p> : waiting.edges.map(({ node }) => <Request key={node.id} delegation={node} deciding={deciding} />)}
      </section>
      <section aria-labelledby="received-today">
        <h2 id="received-today">{words.today}</h2>
        {today.edges.length === 0 ? <p class="soft">{words.nobody}</p> : today.edges.map(({ node }) => <Actor key={node.id} delegation={node} deciding={deciding} />)}
      </section>
      {toCome.edges.length > 0 && (
        <section aria-labelledby="received-to-come">
          <h2 id="received-to-come">{words.toCome}</h2>
          {toCome.edges.map(({ node }) => <Actor key={node.id} delegation={node} deciding={deciding} />)}
        </section>
      )}
      <Past />
    </>
  );
}

/** Tells of a request that waited on screen and waits no more: a colleague decided, or it was taken back (R-DEL-02). */
function useGone(waiting: string[] | undefined, deciding: Deciding) {
  const client = useClient();
  const shown = useRef<string[]>([]);
  useEffect(() => {
    if (!waiting) return;
    const gone = shown.current.find((id) => !waiting.includes(id) && !deciding.isOwn(id));
    shown.current = waiting;
    if (!gone) return;
    void client.query(GoneQuery, { id: gone }, { requestPolicy: 'network-only' }).toPromise().then(({ data }) => {
      if (data?.node?.__typename === 'Delegation') deciding.tellLate(data.node);
    });
  }, [waiting?.join()]);
}

/** Who acts: people, services, since and until when, what they did lately; it is ended from here, at once (R-DEL-04, R-DEL-07). */
function Actor({ delegation, deciding }: { delegation: Acting; deciding: Deciding }) {
  const [isEnding, end] = useState(false);
  const [reason, setReason] = useState('');
  const { id, centralisateur, impact, isInForce, startsOn, endsOn, decidedAt, services, members, activity, allowedActions } = delegation;
  const since = startsOn ?? decidedAt?.slice(0, 10);
  const endsSoon = endsOn && daysUntil(endsOn) <= 60;
  const { name } = centralisateur;
  return (
    <article class="card decision" aria-labelledby={`acting-${id}`}>
      <div class="section-head">
        <h3 id={`acting-${id}`}>{name}</h3>
        {endsSoon ? <span class="tag tag-warn">{words.ends(daysUntil(endsOn))}</span> : <StateTag of={delegation} />}
      </div>
      {isInForce && impact && <p>{impact.sentence}</p>}
      <dl class="facts facts-wide">
        <div><dt>{words.peopleLabel}</dt><dd>{members.length ? <People members={members} /> : words.noPeople}</dd></div>
        {(['MODIFY', 'READ'] as const).map((level) => {
          const labels = services.filter((each) => each.level === level).map(({ service }) => service.label);
          return labels.length > 0 && <div key={level}><dt>{texts.level[level]}</dt><dd>{labels.join(', ')}</dd></div>;
        })}
        {since && <div><dt>{words.since}</dt><dd>{words.sinceUntil(inWords(since), endsOn ? words.until(inWords(endsOn)) : words.forever)}</dd></div>}
        {isInForce && (
          <div>
            <dt>{words.lately}</dt>
            <dd>
              {activity.edges.length === 0 ? words.nothing : (
                <ul class="lately">
                  {activity.edges.map(({ node }) => <li key={node.id}><time class="soft" dateTime={node.occurredAt}>{withTime(node.occurredAt)}</time> <What event={node} /></li>)}
                  <li><Link href={`${pathOf(id)}/activite`}>{words.all}<span class="sr-only">{words.allOf(name)}</span></Link></li>
                </ul>
              )}
            </dd>
          </div>
        )}
      </dl>
      <div class="actions">
        <Link class="button" href={pathOf(id)}>{words.detail}<span class="sr-only">{words.detailOf(name)}</span></Link>
        {allowedActions.includes('EXTEND') && endsOn && <Link class="button" href={`${pathOf(id)}#${EXTENSION}`}>{texts.extension.title}<span class="sr-only">{texts.extension.of(name)}</span></Link>}
        {allowedActions.includes('END') && <button type="button" class="button" onClick={() => end(true)}>{words.end}<span class="sr-only">{words.endOf(name)}</span></button>}
      </div>
      {isEnding && <EndDialog other={name} side="asked" reason={reason} onReason={setReason} onEnd={(why) => void deciding.end(delegation, why)} onClose={() => end(false)} />}
    </article>
  );
}

function People({ members }: { members: Acting['members'] }) {
  const named = members.slice(0, NAMED).map(({ firstName, lastName }) => `${firstName} ${lastName}`).join(', ');
  return <>{named}{members.length > NAMED && ` ${words.others(members.length - NAMED)}`}</>;
}

/** What was refused, ended or taken back. */
function Past() {
  const address = useAddress();
  const answer = useAnswer(PastQuery, pagingOf(address.params));
  const list = answer.data?.viewer?.actingFor?.delegationsReceived;
  usePageRepair(address, answer, list?.pageInfo);
  if (!list || (list.totalCount === 0 && !address.params.size)) return null;
  return (
    <section aria-labelledby="received-past">
      <h2 id="received-past">{words.past}</h2>
      <ResultCount>{words.found(list.totalCount)}</ResultCount>
      <ul class="choices">
        {list.edges.map(({ node }) => (
          <li key={node.id} class="choice">
            <div><Link href={pathOf(node.id)} state={{ from: address.full }}>{node.centralisateur.name}</Link></div>
            <p class="soft"><StateTag of={node} /> {stateDetail(node)}</p>
          </li>
        ))}
      </ul>
      <Pager pageInfo={list.pageInfo} address={address} />
    </section>
  );
}
