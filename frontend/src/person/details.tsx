import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts as users } from '../user/texts.ts';

const DetailsQuery = graphql(`
  query OwnDetails { viewer { user { id identifier civility firstName lastName email phone } } }
`);

const words = users.account;

/** One's own details. */
export default function OwnDetails() {
  const { data, error, again } = useAnswer(DetailsQuery, {});
  const user = data?.viewer?.user;
  if (!user) return error ? <Failure error={error} again={again} /> : <Waiting />;
  return (
    <dl class="facts facts-wide">
      <div><dt>{words.identifier}</dt><dd>{user.identifier}</dd></div>
      {user.civility && <div><dt>{words.civility}</dt><dd>{users.civility[user.civility]}</dd></div>}
      <div><dt>{words.firstName}</dt><dd>{user.firstName}</dd></div>
      <div><dt>{words.lastName}</dt><dd>{user.lastName}</dd></div>
      <div><dt>{words.email}</dt><dd>{user.email}</dd></div>
      <div><dt>{words.phone}</dt><dd>{user.phone ?? words.noPhone}</dd></div>
    </dl>
  );
}
