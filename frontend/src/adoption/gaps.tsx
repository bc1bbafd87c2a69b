import { Link } from 'wouter-preact';
import { fundName } from '../courrier/texts.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Warning } from '../ui/icons.tsx';
import { typeset } from '../ui/typography.ts';
import { texts } from './texts.ts';
import '../establishment/establishment.css';
import './adoption.css';

export const GapFields = graphql(`fragment GapFields on Establishment @_unmask { id unreadableTypes { code reason waiting isReadThroughDelegation type { id label fund { code } } } }`);

type Gap = ResultOf<typeof GapFields>['unreadableTypes'][number];
type Places = Partial<Record<Gap['code'], string>>;

/** Where administrators mend each. */
export const mendedByAdministrators: Places = {
  RIGHT: '/etablissement/comptes/tableau', EXPIRED: '/etablissement/comptes', INVITATION: '/etablissement/comptes', SECOND_FACTOR: '/etablissement/comptes', TERMS: '/conditions/accepter',
};

const words = texts.gaps;
const NAMED = 6;

/** The types of letter that nobody there can read, gathered by what lacks: one action each. */
export function Gaps({ gaps, places, isOwn }: { gaps: readonly Gap[]; places: Places; isOwn: boolean }) {
  if (gaps.length === 0) return null;
  const by = new Map<Gap['code'], Gap[]>();
  gaps.forEach((gap) => by.set(gap.code, [...by.get(gap.code) ?? [], gap]));
  return (
    <section class="card" aria-labelledby="gaps">
      <h2 id="gaps">{words.title}</h2>
      <p class="soft">{isOwn ? words.lead(gaps.length) : words.leadThere(gaps.length)}</p>
      <ul class="gaps">
        {[...by].map(([code, these]) => {
          const waiting = these.reduce((sum, gap) => sum + gap.waiting, 0);
          const more = these.length - NAMED;
          return (
            <li key={code} class="health-wrong">
              <Warning />{' '}
              <span>
                {typeset(these[0]!.reason)}{places[code] && <> <Link href={places[code]}>{words.mend[code]}</Link></>}
                <span class="line soft">
                  {these.slice(0, NAMED).map(({ type }) => `${type.label} (${fundName(type.fund.code)})`).join(', ')}{more > 0 && ` ${words.and(more)}`}.
                  {waiting > 0 && ` ${words.waiting(waiting)}`}{these.every((gap) => gap.isReadThroughDelegation) && ` ${words.delegated}`}
                </span>
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
