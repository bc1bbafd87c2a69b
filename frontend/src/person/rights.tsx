import { Link } from 'wouter-preact';
import { Why } from '../access/why.tsx';
import { inFigures } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { LevelScale } from '../user/level.tsx';
import { texts as users } from '../user/texts.ts';
import { texts } from './texts.ts';

const RightsQuery = graphql(`
  query OwnRights($first: Int) {
    viewer {
      user {
        id
        rights { level grantedAt grantedBy { id firstName lastName } service { id code label levels } }
        establishment { id }
      }
      establishments(first: $first) { totalCount edges { node { id name } } }
    }
  }
`);

/** Establishments named here, of two or two thousand. */
const NAMED = 10;
const words = texts.rights;

/** One's own rights, who gave them and when, and where one acts through a delegation (R-ACC-17). */
export default function OwnRights() {
  const { data, error, again } = useAnswer(RightsQuery, { first: NAMED + 1 });
  const user = data?.viewer?.user;
  if (!user) return error ? <Failure error={error} again={again} /> : <Waiting />;
  const { edges, totalCount } = data.viewer!.establishments; // one's own first
  const others = edges.map(({ node }) => node).filter(({ id }) => id !== user.establishment.id);
  const left = totalCount - edges.length;
  const held = (user.rights ?? []).filter(({ level }) => level !== 'NONE');
  const given = ({ grantedAt, grantedBy: by }: (typeof held)[number]) => users.account.grantedBy(inFigures(grantedAt), by ? `${by.firstName} ${by.lastName}` : '');
  return (
    <>
      {held.length === 0 ? <p>{words.none}</p> : (
        <>
          <p class="soft">{words.lead}</p>
          <Table caption={words.caption} className="table-plain" rows={held} keyOf={({ service }) => service.id} columns={[
            { header: words.service, isRowHeader: true, cell: ({ service }) => service.label },
            { header: words.level, cell: ({ level, service }) => <LevelScale level={level} levels={service.levels} /> },
            { header: words.given, cell: given },
            { header: words.why, cell: ({ service }) => <Why userId={user.id} service={service.code} about={service.label} /> },
          ]} />
        </>
      )}
      {others.length > 0 && (
        <>
          <p>{words.delegated}</p>
          <ul>
            {others.map(({ id, name }) => <li key={id}>{name}</li>)}
            {left > 0 && <li>{words.others(left)}</li>}
          </ul>
          <p><Link href="/agir-pour">{words.all}</Link></p>
        </>
      )}
    </>
  );
}
