import { useEffect } from 'preact/hooks';
import { useActFor } from '../session/acting.ts';
import type { Viewer } from '../session/session.tsx';
import { texts } from '../session/texts.ts';
import { Swap } from '../ui/icons.tsx';
import { nameContext } from '../ui/title.ts';

const words = texts.actFor;

/** « Vous agissez pour… »: always in view, and in the title, while one acts for an establishment that is not one's own (R-DEL-06). */
export function ActingBar({ viewer: { user, actingFor } }: { viewer: Viewer }) {
  const { actFor, refusal } = useActFor();
  const elsewhere = user && actingFor && actingFor.id !== user.establishment.id ? actingFor : null;
  useEffect(() => nameContext(elsewhere ? words.documentTitle(elsewhere.name) : ''), [elsewhere?.name]);
  useEffect(() => () => nameContext(''), []);
  if (!user || !elsewhere) return null;
  return (
    <section class="bar bar-acting" aria-label={words.bar(elsewhere.name)}>
      <p><Swap /> <span>{words.bar('')}<strong>{elsewhere.name}</strong></span></p>
      <button type="button" class="button" onClick={() => void actFor(user.establishment.id)}>{words.backShort}<span class="wide-only">{words.backRest}</span></button>
      {refusal && <p role="alert">{refusal}</p>}
    </section>
  );
}
