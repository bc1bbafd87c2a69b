import { useState } from 'preact/hooks';
import { Check } from '../ui/icons.tsx';
import { texts } from './texts.ts';

const words = texts.creation;

/** An identifier to hand over: large, selected whole, copied with one button. */
export function IdentifierToHandOver({ identifier }: { identifier: string }) {
  const [said, say] = useState('');
  const copy = () => navigator.clipboard.writeText(identifier).then(() => say(words.copied), () => say(words.notCopied));
  return (
    <section class="card" aria-labelledby="new-identifier">
      <h3 id="new-identifier">{words.identifier}</h3>
      <p class="handed-over">{identifier}</p>
      <div class="actions"><button type="button" class="button" onClick={() => void copy()}>{words.copy}</button></div>
      <p role="status">{said && <><Check /> {said}</>}</p>
    </section>
  );
}
