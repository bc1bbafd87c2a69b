import { useActFor } from '../session/acting.ts';
import type { Viewer } from '../session/session.tsx';
import { texts } from '../session/texts.ts';
import { Swap } from '../ui/icons.tsx';

/** « Vous agissez pour… »: always in view while one acts for an establishment that is not one's own. */
export function ActingBar({ viewer: { user, actingFor } }: { viewer: Viewer }) {
  const { actFor, refusal } = useActFor();
  if (!user || !actingFor || actingFor.id === user.establishment.id) return null;
  return (
    <section class="bar bar-acting" aria-label={texts.actFor.bar(actingFor.name)}>
      <p><Swap /> <span>{texts.actFor.bar('')}<strong>{actingFor.name}</strong></span></p>
      <button type="button" class="button" onClick={() => void actFor(user.establishment.id)}>{texts.actFor.back}</button>
      {refusal && <p role="alert">{refusal}</p>}
    </section>
  );
}
