import { useEffect, useState } from 'preact/hooks';
import { Panel } from '../ui/dialog.tsx';
import { Swap, Warning } from '../ui/icons.tsx';
import { lazily } from '../ui/lazy.tsx';
import { useActFor } from './acting.ts';
import { useViewer } from './session.tsx';
import { texts } from './texts.ts';

const loadPicker = async () => (await import('./picker.tsx')).EstablishmentPicker;
const EstablishmentPicker = lazily(loadPicker, 'section');
const words = texts.actFor;

/** « Agir pour… », in the header: the establishment one acts for, changed from any screen (R-DEL-06). */
export function Switcher({ label }: { label: string }) {
  const { actingFor } = useViewer();
  const { actFor, refusal } = useActFor();
  const [isOpen, open] = useState(false);
  // There before it is asked for: what is typed as soon as it opens is not lost.
  useEffect(() => void loadPicker().catch(() => undefined), []);
  return (
    <>
      <button type="button" class="header-action" aria-haspopup="dialog" onClick={() => open(true)}><Swap /> <span class="header-action-label">{label}</span></button>
      {isOpen && (
        <Panel title={words.title} onClose={() => open(false)}>
          <p class="soft">{words.hint}</p>
          {refusal && <div class="notice notice-bad" role="alert"><Warning /><p>{refusal}</p></div>}
          <EstablishmentPicker label={words.title} chosen={{ ids: actingFor ? [actingFor.id] : [], said: words.current }} onBrowse={() => open(false)}
            onChoose={({ id }) => (id === actingFor?.id ? open(false) : void actFor(id))} />
        </Panel>
      )}
    </>
  );
}
