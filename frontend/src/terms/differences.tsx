import { graphql, type ResultOf } from '../graphql.ts';
import { kindOf, withoutMark } from './body.tsx';
import { texts } from './texts.ts';

export const PieceFields = graphql(`fragment PieceFields on Piece @_unmask { kind text }`);
type Piece = ResultOf<typeof PieceFields>;

const words = texts.difference;

/** The pieces, cut at the ends of lines: one list for each line that has any word in either text. */
function lines(pieces: readonly Piece[]): Piece[][] {
  const found: Piece[][] = [[]];
  for (const { kind, text } of pieces) {
    text.split('\n').forEach((part, place) => {
      if (place > 0) found.push([]);
      if (part) found.at(-1)!.push({ kind, text: part });
    });
  }
  return found.filter((line) => line.some(({ text }) => text.trim()));
}

type Shown = { line: Piece[] } | { unchanged: number };

/** Lines that changed, each with the title it stands under; the others are only counted. */
function shown(all: Piece[][]): Shown[] {
  const found: Shown[] = [];
  let skipped = 0;
  let title: Piece[] | null = null;
  const hasChanged = (line: Piece[]) => line.some(({ kind }) => kind !== 'KEPT');
  const skip = () => {
    if (skipped) found.push({ unchanged: skipped });
    skipped = 0;
  };
  for (const line of all) {
    if (hasChanged(line)) {
      skip();
      if (title) found.push({ line: title });
      found.push({ line });
      title = null;
    } else if (kindOf(line.map(({ text }) => text).join('')) === 'heading') {
      title = line;
    } else {
      if (title) title = null;
      skipped += 1;
    }
  }
  skip();
  return found;
}

/** What changed, word by word: struck out or underlined, and said to those who hear it. */
export function Differences({ pieces }: { pieces: readonly Piece[] }) {
  if (!pieces.some(({ kind }) => kind !== 'KEPT')) return <p>{words.none}</p>;
  return (
    <div class="differences">
      <p class="differences-legend soft">{words.legend} <del>{words.legendRemoved}</del>, <ins>{words.legendAdded}</ins></p>
      {shown(lines(pieces)).map((one, place) => ('line' in one
        ? <Line key={place} line={one.line} />
        : <p key={place} class="differences-gap">{words.unchanged(one.unchanged)}</p>))}
    </div>
  );
}

function Line({ line }: { line: Piece[] }) {
  const isTitle = kindOf(line.map(({ text }) => text).join('')) === 'heading';
  return (
    <p class={isTitle ? 'differences-title' : undefined}>
      {line.map(({ kind, text }, place) => {
        const said = place === 0 ? withoutMark(text) : text;
        if (kind === 'KEPT') return said;
        const Mark = kind === 'ADDED' ? 'ins' : 'del';
        return (
          <Mark key={place}>
            <span class="sr-only"> {kind === 'ADDED' ? words.added : words.removed} </span>{said}<span class="sr-only">{words.end} </span>
          </Mark>
        );
      })}
    </p>
  );
}
