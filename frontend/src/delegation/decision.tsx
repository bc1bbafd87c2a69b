import { graphql, type ResultOf } from '../graphql.ts';

export const DecisionFields = graphql(`fragment DecisionFields on Delegation @_unmask { id allowedActions }`);

/** What the délégataire decides. */
export function Decision(_: { delegation: ResultOf<typeof DecisionFields> }) {
  return null;
}
