import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { GapFields, Gaps, mendedByAdministrators } from './gaps.tsx';

const GapsQuery = graphql(`query HomeGaps { viewer { actingFor { ...GapFields } } }`, [GapFields]);

/** On the home of an establishment's administrators: the letters that nobody there can read, while there are some. */
export default function GapsCard() {
  const { data } = useAnswer(GapsQuery, {});
  const found = data?.viewer?.actingFor;
  return found ? <Gaps gaps={found.unreadableTypes} places={mendedByAdministrators} isOwn /> : null;
}
