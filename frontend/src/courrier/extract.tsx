import { graphql, type ResultOf } from '../graphql.ts';

/** Where a search found a letter. */
export const FoundCourrier = graphql(`
  fragment FoundCourrier on Courrier @_unmask { searchExtract { text isMarked } }
`);
export type Extract = NonNullable<ResultOf<typeof FoundCourrier>['searchExtract']>;

/** Whether the extract is the whole of what is shown elsewhere, where its words are marked instead. */
export const isAllOf = (extract: Extract | null, text: string): extract is Extract => extract !== null && extract.map((part) => part.text).join('') === text;

/** The words found are marked; the text is text, whatever it holds. */
export function Marked({ extract }: { extract: Extract }) {
  return <>{extract.map((part) => (part.isMarked ? <mark>{part.text}</mark> : part.text))}</>;
}
