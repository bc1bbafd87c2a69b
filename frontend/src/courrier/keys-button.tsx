import { useState } from 'preact/hooks';
import { lazily } from '../ui/lazy.tsx';
import { useKeys } from '../ui/keys.ts';
import { texts } from './texts.ts';

const KeysHelp = lazily(async () => (await import('./keys-help.tsx')).default, 'section');

/** The keys of this screen, with « ? » for what they are; the button says it to who does not know. */
export function Keys({ keys }: { keys: Record<string, () => void> }) {
  const [isOpen, open] = useState(false);
  useKeys({ ...keys, '?': () => open(true) });
  return (
    <>
      <button type="button" class="link keys-button" aria-haspopup="dialog" onClick={() => open(true)}>{texts.keys.title}</button>
      {isOpen && <KeysHelp onClose={() => open(false)} />}
    </>
  );
}
