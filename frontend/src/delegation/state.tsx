import { inFigures } from '../dates.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { texts } from './texts.ts';

export const StateFields = graphql(`
  fragment StateFields on Delegation @_unmask { id status isInForce answerUntil remindedAt startsOn endsOn decidedAt endedAt }
`);
export type Stated = ResultOf<typeof StateFields>;
export type State = keyof typeof texts.state;

const tone: Record<State, string> = { PENDING: 'tag tag-warn', IN_FORCE: 'tag tag-good', TO_COME: 'tag', REFUSED: 'tag tag-bad', WITHDRAWN: 'tag', ENDED: 'tag', EXPIRED: 'tag' };
const words = texts.cell;

/** Where a delegation is, in words people use: one that was accepted is in force, or to come. */
export const stateOf = ({ status, isInForce }: Pick<Stated, 'status' | 'isInForce'>): State =>
  (status === 'ACCEPTED' ? (isInForce ? 'IN_FORCE' : 'TO_COME') : status);

export const StateTag = ({ of }: { of: Pick<Stated, 'status' | 'isInForce'> }) => <span class={tone[stateOf(of)]}>{texts.state[stateOf(of)]}</span>;

/** What else there is to know of its state in a list: until when, since when. */
export function stateDetail(of: Stated): string {
  const on = (value: string | null) => (value ? words.on(inFigures(value)) : '');
  const details: Record<State, () => string> = {
    PENDING: () => [of.answerUntil && words.answerUntil(inFigures(of.answerUntil)), of.remindedAt && words.reminded(inFigures(of.remindedAt))].filter(Boolean).join(', '),
    IN_FORCE: () => '',
    TO_COME: () => (of.startsOn ? words.from(inFigures(of.startsOn)) : ''),
    REFUSED: () => on(of.decidedAt),
    WITHDRAWN: () => on(of.endedAt),
    ENDED: () => on(of.endedAt),
    EXPIRED: () => (of.decidedAt ? words.over : words.unanswered),
  };
  return details[stateOf(of)]();
}
