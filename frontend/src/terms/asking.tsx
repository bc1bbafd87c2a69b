import { Link } from 'wouter-preact';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { useSession } from '../session/session.tsx';
import { Failure } from '../ui/failure.tsx';
import { Page } from '../ui/page.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';

const AskingQuery = graphql(`
  query AskToAcceptTerms {
    viewer {
      heldBack
      termsToAccept { id version }
      user { id establishment { id name administrators { id firstName lastName } } }
    }
  }
`);

const words = texts.asking;

/** The grace is over: whom to ask, by name. */
export default function Asking() {
  const { data, error, again } = useAnswer(AskingQuery, {});
  const { again: askWhoIsThere } = useSession();
  const retry = () => {
    again();
    askWhoIsThere();
  };
  const viewer = data?.viewer;
  const establishment = viewer?.user?.establishment;
  return (
    <Page title={words.title} className="page-text">
      {error && !viewer && <Failure error={error} again={again} />}
      {!viewer && !error && <Waiting lines={6} />}
      {viewer && establishment && (
        <>
          <p class="lead">{words.lead(establishment.name)}</p>
          <section class="card" aria-labelledby="whom">
            <h2 id="whom">{words.whom}</h2>
            {establishment.administrators.length === 0 ? <p>{words.nobody}</p> : (
              <>
                <p>{words.whomLead}</p>
                <ul>{establishment.administrators.map(({ id, firstName, lastName }) => <li key={id}><strong>{firstName} {lastName}</strong></li>)}</ul>
              </>
            )}
          </section>
          <p class="actions">
            <button type="button" class="button button-strong" onClick={retry}>{words.retry}</button>
            {viewer.termsToAccept && <Link class="button" href="/conditions">{words.read(viewer.termsToAccept.version)}</Link>}
          </p>
        </>
      )}
    </Page>
  );
}
