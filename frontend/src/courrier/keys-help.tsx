import { useState } from 'preact/hooks';
import { Panel } from '../ui/dialog.tsx';
import { areKeysOn, switchKeys } from '../ui/keys.ts';
import { texts } from './texts.ts';

const words = texts.keys;

/** What single keys do, and the way to switch them off. */
export default function KeysHelp({ onClose }: { onClose: () => void }) {
  const [isOn, setOn] = useState(areKeysOn);
  const change = (event: { currentTarget: HTMLInputElement }) => {
    switchKeys(event.currentTarget.checked);
    setOn(event.currentTarget.checked);
  };
  return (
    <Panel title={words.title} onClose={onClose}>
      <label class="choice"><input type="checkbox" checked={isOn} onChange={change} /> {words.on}</label>
      <p class="soft">{words.offHelp}</p>
      {([['list', words.list], ['letter', words.letter]] as const).map(([name, lines]) => (
        <section key={name} aria-labelledby={`keys-${name}`}>
          <h3 id={`keys-${name}`}>{words[`${name}Title`]}</h3>
          <dl class="keys">{lines.map(([key, what]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>)}</dl>
        </section>
      ))}
    </Panel>
  );
}
