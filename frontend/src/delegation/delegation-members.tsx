import { Link } from 'wouter-preact';
import { graphql, type ResultOf } from '../graphql.ts';
import { Warning } from '../ui/icons.tsx';
import type { DelegationShown, Side } from './delegation.tsx';
import { limitsOf } from './members/limits.ts';
import { MEMBERS, PEOPLE } from './paths.ts';
import { texts } from './texts.ts';

export const MemberFields = graphql(`
  fragment MemberFields on User @_unmask { id firstName lastName rights { level service { id code } } }
`);
type Member = ResultOf<typeof MemberFields>;

const words = texts.one;

/** Who acts through it; at home, with those whom their own rights leave with nothing to see. */
export function Members({ delegation, side }: { delegation: DelegationShown; side: Side }) {
  const { id, status, members, allowedActions, isInForce } = delegation;
  if (status !== 'ACCEPTED') return null;
  const canChoose = allowedActions.includes('CHOOSE_MEMBERS');
  return (
    <section class="card" aria-labelledby="delegation-members">
      <div class="section-head">
        <h2 id="delegation-members">{isInForce || !members.length ? words.members(members.length) : words.membersChosen(members.length)}</h2>
        {canChoose && <Link class="button" href={`${MEMBERS}?pour=${encodeURIComponent(id)}`}>{words.choose}</Link>}
      </div>
      {members.length === 0 && <p class="notice notice-warn"><Warning /> <span>{side === 'asker' ? words.membersNone : words.membersNoneTheirs}</span></p>}
      {members.length > 0 && (
        <ul class="plain people people-acting">
          {members.map((member) => (
            <li key={member.id}>
              {canChoose ? <Link href={`${PEOPLE}/${encodeURIComponent(member.id)}`}>{nameOf(member)}</Link> : nameOf(member)}
              {member.rights && <Limits member={member} services={delegation.services} />}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const nameOf = ({ firstName, lastName }: Member) => `${firstName} ${lastName}`;

function Limits({ member, services }: { member: Member; services: DelegationShown['services'] }) {
  const { isBlind, said } = limitsOf(member.rights ?? [], services);
  return said ? <span class={isBlind ? 'line level-was' : 'line soft'}>{said}</span> : null;
}
