import { useAddress } from '../address.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { Filters } from '../ui/filters.tsx';
import { Warning } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { PAGE_SIZE, Pager } from '../ui/pager.tsx';
import { ResultCount } from '../ui/results.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { useActFor } from './acting.ts';
import { useViewer } from './session.tsx';
import { texts } from './texts.ts';

const ActForQuery = graphql(`
  query EstablishmentsToActFor($first: Int, $after: String, $search: String) {
    viewer {
      establishments(first: $first, after: $after, search: $search) {
        totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { node { id name siret address { city postalCode } } }
      }
    }
  }
`);

const words = texts.actFor;

/** The establishments one may act for, one's own first. */
export default function ActForPage() {
  const address = useAddress();
  const { actingFor, user } = useViewer();
  const { actFor, refusal } = useActFor();
  const search = address.params.get('q');
  const { data, error, again, isWaiting } = useAnswer(ActForQuery, { first: PAGE_SIZE, after: address.params.get('apres'), search });
  const found = data?.viewer?.establishments;
  return (
    <Page title={words.title}>
      <p class="lead">{words.lead}</p>
      {refusal && <div class="notice notice-bad" role="alert"><Warning /><p>{refusal}</p></div>}
      <Filters address={address} searchLabel={words.search} controls={[]} chips={[]} />
      {error && !data && <Failure error={error} again={again} />}
      {!found && !error && <Waiting />}
      {found && (
        <>
          <ResultCount>{found.totalCount ? words.results(found.totalCount) : words.empty}</ResultCount>
          <ul class="choices" aria-busy={isWaiting || undefined}>
            {found.edges.map(({ node }) => (
              <li key={node.id} class="choice">
                <div>
                  <strong>{node.name}</strong>
                  <p class="soft">{[`SIRET ${node.siret}`, node.address && [node.address.postalCode, node.address.city].filter(Boolean).join(' '), node.id === user?.establishment.id && words.own].filter(Boolean).join(' · ')}</p>
                </div>
                {node.id === actingFor?.id
                  ? <span class="tag tag-good">{words.current}</span>
                  : <button type="button" class="button" onClick={() => void actFor(node.id)}>{words.choose}<span class="sr-only"> {node.name}</span></button>}
              </li>
            ))}
          </ul>
          <Pager pageInfo={{ ...found.pageInfo, hasPreviousPage: false, startCursor: null }} address={address} />
        </>
      )}
    </Page>
  );
}
