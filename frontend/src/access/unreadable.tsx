import { Link } from 'wouter-preact';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Info } from '../ui/icons.tsx';
import { texts } from './texts.ts';

const AdministratorsQuery = graphql(`query WhoSeesWhatLacks { viewer { user { id establishment { id administrators { id firstName lastName email } } } } }`);

const words = texts.letter;

/** A letter that doesn't open: the same words whether it exists or not, and whom to ask. */
export function UnreadableLetter() {
  const { data } = useAnswer(AdministratorsQuery, {});
  const administrators = data?.viewer?.user?.establishment.administrators;
  return (
    <div class="notice">
      <Info />
      <div>
        <h2>{words.title}</h2>
        <p>{words.lead}</p>
        <p>{words.needs}</p>
        <ul><li>{words.right}</li><li>{words.delegation}</li><li>{words.available}</li></ul>
        {administrators && (administrators.length === 0 ? <p>{words.noAdministrator}</p> : (
          <>
            <p>{words.administrators}</p>
            <ul class="plain">{administrators.map((each) => <li key={each.id}>{each.firstName} {each.lastName}{each.email && <>, <a href={`mailto:${each.email}`}>{each.email}</a></>}</li>)}</ul>
          </>
        ))}
        <p><Link href="/mes-informations#droits">{words.rights}</Link></p>
      </div>
    </div>
  );
}
