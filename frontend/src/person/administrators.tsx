import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';

const AdministratorsQuery = graphql(`
  query OwnAdministrators {
    viewer { user { id establishment { id administrators { id firstName lastName email } } } }
  }
`);

const words = texts.administrators;

/** Whom to turn to (R-ACC-17). */
export default function OwnAdministrators() {
  const { data, error, again } = useAnswer(AdministratorsQuery, {});
  const user = data?.viewer?.user;
  if (!user) return error ? <Failure error={error} again={again} /> : <Waiting />;
  const { administrators } = user.establishment;
  if (!administrators.length) return <p>{words.none}</p>;
  return (
    <>
      <p class="soft">{words.lead}</p>
      <ul class="own-list">
        {administrators.map((each) => (
          <li key={each.id}>
            <div><strong>{each.firstName} {each.lastName}</strong> {each.id === user.id && words.you}</div>
            {each.email && <a href={`mailto:${each.email}`}>{each.email}</a>}
          </li>
        ))}
      </ul>
    </>
  );
}
