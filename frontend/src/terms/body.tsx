import type { ComponentChildren } from 'preact';

/** A line of the terms, as it is to be read. */
export type Kind = 'heading' | 'item' | 'paragraph';

/** Titles begin with # or a number and end without a full stop; list items begin with a dash. */
export function kindOf(line: string): Kind {
  if (/^#{1,4} \S/.test(line)) return 'heading';
  if (/^\d+(\.\d+)*[.)]? \S/.test(line) && line.length <= 120 && !/[.;:!?]$/.test(line)) return 'heading';
  return /^[-•*] \S/.test(line) ? 'item' : 'paragraph';
}

/** A line without the mark that says what it is; a number stays, because articles are quoted by it. */
export const withoutMark = (line: string) => line.replace(/^(#{1,4}|[-•*]) /, '');

/** The text of the terms, made of text alone: nothing in it is ever read as HTML. */
export function Body({ text }: { text: string }) {
  const blocks: ComponentChildren[] = [];
  let items: string[] = [];
  const endList = () => {
    if (items.length) blocks.push(<ul key={blocks.length}>{items.map((item, place) => <li key={place}>{item}</li>)}</ul>);
    items = [];
  };
  for (const line of text.split('\n').map((each) => each.trim())) {
    const kind = kindOf(line);
    if (kind === 'item') {
      items.push(withoutMark(line));
      continue;
    }
    endList();
    if (kind === 'heading') blocks.push(<h3 key={blocks.length}>{withoutMark(line)}</h3>);
    else if (line) blocks.push(<p key={blocks.length}>{line}</p>);
  }
  endList();
  return <div class="terms-body">{blocks}</div>;
}

/** What a version changes, a sentence to each line. */
export function Changes({ text }: { text: string }) {
  const lines = text.split('\n').map((line) => withoutMark(line.trim())).filter(Boolean);
  return lines.length < 2 ? <p>{lines[0]}</p> : <ul class="terms-changes">{lines.map((line) => <li key={line}>{line}</li>)}</ul>;
}
