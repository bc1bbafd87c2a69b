import { useEffect, useRef, useState } from 'preact/hooks';
import { texts } from './texts.ts';

const words = texts.codes;

/** The recovery codes, shown this once: to be copied, downloaded or printed. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [outcome, setOutcome] = useState('');
  useEffect(() => heading.current?.focus(), []);
  const text = `${words.fileHead}\n\n${codes.join('\n')}\n`;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome(words.copied);
    } catch {
      setOutcome(words.notCopied);
    }
  };
  const file = `data:text/plain;charset=utf-8,${encodeURIComponent(text)}`;
  return (
    <div class="recovery-codes">
      <h3 tabIndex={-1} ref={heading}>{words.title}</h3>
      <p>{words.lead}</p>
      <ul>{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ul>
      <div class="actions">
        <button type="button" class="button" onClick={() => void copy()}>{words.copy}</button>
        <a class="button" href={file} download={words.fileName}>{words.download}</a>
        <button type="button" class="button" onClick={() => print()}>{words.print}</button>
        <button type="button" class="button button-strong" onClick={onKept}>{words.kept}</button>
      </div>
      <div role="status" class="outcome">{outcome && <p>{outcome}</p>}</div>
    </div>
  );
}
