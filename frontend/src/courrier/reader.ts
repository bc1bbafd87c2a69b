import { graphql, type ResultOf } from '../graphql.ts';
import { texts } from './texts.ts';

/** What is said of a delegation where somebody did something through it. */
export const CapacityFields = graphql(`
  fragment CapacityFields on Delegation @_unmask { id centralisateur { id name } delegataire { id name } }
`);

interface Person { firstName: string; lastName: string }

/** Who read, or acted, and in what capacity: at home by name, for another establishment with both and « par délégation » (R-DEL-07). */
export function inCapacity({ firstName, lastName }: Person, through: ResultOf<typeof CapacityFields> | null): string {
  const name = `${firstName} ${lastName}`;
  return through ? texts.one.delegated(name, through.centralisateur.name, through.delegataire.name) : name;
}
