import { Link } from 'wouter-preact';
import { inWords } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { Page } from '../ui/page.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { Body, Changes } from './body.tsx';
import { texts } from './texts.ts';
import './terms.css';

const TermsQuery = graphql(`
  query PublicTerms($version: String) {
    terms(version: $version) { id version publishedOn changes body bodySha256 isToCome }
    termsVersions { id version publishedOn isToCome }
  }
`);

/** The terms, for everybody: the version in force, or another by its name. */
export default function Terms({ version }: { version?: string | undefined }) {
  const { data, error, again } = useAnswer(TermsQuery, { version: version ?? null });
  const found = data?.terms;
  return (
    <Page title={texts.title} className="page-text">
      {error && !data && <Failure error={error} again={again} />}
      {!data && !error && <Waiting lines={8} />}
      {data && !found && <p class="empty">{texts.none}</p>}
      {found && (
        <>
          <p class="lead">{(found.isToCome ? texts.toCome : texts.version)(found.version, inWords(found.publishedOn))}</p>
          {found.changes && <section class="card" aria-labelledby="changes"><h2 id="changes">{texts.changes}</h2><Changes text={found.changes} /></section>}
          <section class="card" aria-labelledby="full-text">
            <h2 id="full-text">{texts.fullText}</h2>
            <Body text={found.body} />
            <p class="soft">{texts.fingerprint} : <span class="terms-hash">{found.bodySha256}</span></p>
          </section>
        </>
      )}
      {data && data.termsVersions.length > 1 && (
        <section aria-labelledby="versions">
          <h2 id="versions">{texts.otherVersions}</h2>
          <ul>
            {data.termsVersions.map((each) => (
              <li key={each.id}>
                <Link href={`/conditions/version/${encodeURIComponent(each.version)}`} aria-current={each.id === found?.id ? 'page' : undefined}>
                  {(each.isToCome ? texts.toCome : texts.version)(each.version, inWords(each.publishedOn))}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
    </Page>
  );
}
