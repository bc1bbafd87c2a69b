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
  query OwnRights {
    viewer {
      user {
        id
        rights { level grantedAt grantedBy { id firstName lastName } service { id code label levels } }
        delegatedAccess { id delegataire { id name } }
      }
    }
  }
`);

const words = texts.rights;

/** One's own rights, who gave them and when, and where one acts through a delegation (R-ACC-17). */
export default function OwnRights() {
  const { data, error, again } = useAnswer(RightsQuery, {});
  const user = data?.viewer?.user;
  if (!user) return error ? <Failure error={error} again={again} /> : <Waiting />;
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
      {!!user.delegatedAccess?.length && (
        <>
          <p>{words.delegated}</p>
          <ul>{user.delegatedAccess.map(({ id, delegataire }) => <li key={id}>{delegataire.name}</li>)}</ul>
        </>
      )}
    </>
  );
}
