import type { ResultOf } from '../graphql.ts';
import { graphql } from '../graphql.ts';
import { texts } from './texts.ts';

const shape = graphql(`fragment LevelShape on ServiceLevel @_unmask { level }`);
export type Level = ResultOf<typeof shape>['level'];
const ORDER: Level[] = ['NONE', 'READ', 'MODIFY'];

/** The level held, alone. */
export const LevelTag = ({ level }: { level: Level }) => <span class={`level level-held level-${level.toLowerCase()}`}>{texts.level[level]}</span>;

/** The level held, among those the service knows; assistive technologies hear the one held. */
export function LevelScale({ level, levels }: { level: Level; levels: readonly Level[] }) {
  return (
    <span class="levels">
      {ORDER.filter((each) => each === level || each === 'NONE' || levels.includes(each)).map((each) => (
        each === level
          ? <LevelTag key={each} level={each} />
          : <span key={each} class="level" aria-hidden="true">{texts.level[each]}</span>
      ))}
    </span>
  );
}
