import { Link } from 'wouter-preact';
import { graphql, type ResultOf } from '../graphql.ts';
import { Check, Warning } from '../ui/icons.tsx';
import { typeset } from '../ui/typography.ts';
import { texts } from './texts.ts';

export const HealthFields = graphql(`fragment HealthFields on Establishment @_unmask { id health { code holds message task } }`);

type Establishment = ResultOf<typeof HealthFields>;
/** Where each thing is mended, for who sees the card. */
export type Mending = Readonly<Record<string, string>>;

/** Where administrators mend what does not hold; what only the platform mends has no place here. */
export const ofAdministrators: Mending = {
  TWO_ADMINISTRATORS: '/etablissement/comptes',
  ADDRESSES_REACHED: '/etablissement/comptes',
  LETTERS_HAVE_READERS: '/etablissement/comptes',
  SERVICES_REVIEWED: '/etablissement/services',
  ACCOUNTS_LAST: '/etablissement/comptes?expire=60',
};

const words = texts.health;

/** The health of an establishment: what does not hold first, each line with the way to mend it. */
export function Health({ establishment: { health }, mending }: { establishment: Establishment; mending: Mending }) {
  if (health.length === 0) return null;
  const wrong = health.filter(({ holds }) => !holds);
  const right = health.filter(({ holds }) => holds);
  return (
    <section class="card" aria-labelledby="health">
      <h2 id="health">{words.title}</h2>
      <p class="soft">{wrong.length === 0 ? words.good : words.wrong(wrong.length)}</p>
      <ul class="health">
        {wrong.map(({ code, message }) => (
          <li key={code} class="health-wrong">
            <Warning /> <span><span class="sr-only">{words.toMend} </span>{typeset(message)}{mending[code] && <> <Link href={mending[code]}>{words.mend(code)}</Link></>}</span>
          </li>
        ))}
        {right.map(({ code, message }) => <li key={code} class="health-right"><Check /> <span><span class="sr-only">{words.holds} </span>{typeset(message)}</span></li>)}
      </ul>
    </section>
  );
}
