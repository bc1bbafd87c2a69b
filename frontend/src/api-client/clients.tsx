import { useClient } from '@urql/preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { inFigures, today, withTime } from '../dates.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { announce } from '../ui/announcer.tsx';
import { Confirmation } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { ErrorSummary, type FieldError } from '../ui/form.tsx';
import { ArrowLeft } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { refusalsOf } from '../ui/refusals.ts';
import { ResultCount } from '../ui/results.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';

const ApiClientsQuery = graphql(`
  query ApiClients($first: Int, $after: String, $last: Int, $before: String) {
    apiClients(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { node { id name scopes createdAt lastUsedAt expiresOn revokedAt } }
    }
  }
`);

const RevokeApiClient = graphql(`
  mutation RevokeApiClient($input: RevokeApiClientInput!) { revokeApiClient(input: $input) { apiClient { id } errors { code message path } } }
`);

type ApiClient = ResultOf<typeof ApiClientsQuery>['apiClients']['edges'][number]['node'];
const words = texts.list;

/** The programs that have, or had, a token; operators give one and take it back. */
export default function ApiClients() {
  const client = useClient();
  const address = useAddress();
  const answer = useAnswer(ApiClientsQuery, pagingOf(address.params));
  const [asked, ask] = useState<ApiClient | null>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const page = answer.data?.apiClients;
  usePageRepair(address, answer, page?.pageInfo);
  const revoke = async ({ id, name }: ApiClient) => {
    const { data, error } = await change(client, RevokeApiClient, { input: { id } });
    const refusals = refusalsOf(data?.revokeApiClient, error);
    setErrors(refusals);
    if (!refusals.length) announce(texts.revoking.done(name));
  };
  return (
    <Page title={words.title} className="page-wide" above={<p class="above"><Link href="/operateur/courriers"><ArrowLeft /> {words.back}</Link></p>}
      beside={<Link class="button button-strong" href="/operateur/clients/nouveau">{words.add}</Link>}>
      <p class="lead">{words.lead}</p>
      <ErrorSummary errors={errors} />
      {answer.error && !page && <Failure error={answer.error} again={answer.again} />}
      {!page && !answer.error && <Waiting lines={6} />}
      {page?.totalCount === 0 && <p class="empty">{words.empty}</p>}
      {page && page.totalCount > 0 && (
        <>
          <ResultCount>{words.found(page.totalCount)}</ResultCount>
          <Table caption={words.caption} rows={page.edges.map(({ node }) => node)} keyOf={({ id }) => id} isWaiting={answer.isWaiting} columns={[
            { header: words.name, isRowHeader: true, cell: ({ name }) => name },
            { header: words.scopes, cell: ({ scopes }) => scopes.map((scope) => texts.scopes[scope]).join(', ') },
            { header: words.created, cell: ({ createdAt }) => inFigures(createdAt) },
            { header: words.lastUsed, cell: ({ lastUsedAt }) => (lastUsedAt ? withTime(lastUsedAt) : words.neverUsed) },
            { header: words.state, cell: (row) => <State of={row} /> },
            { header: words.action, isHeaderHidden: true, cell: (row) => (isAlive(row) ? <button type="button" class="button" aria-label={words.revokeLabel(row.name)} onClick={() => ask(row)}>{words.revoke}</button> : null) },
          ]} />
          <Pager pageInfo={page.pageInfo} address={address} />
        </>
      )}
      {asked && (
        <Confirmation title={texts.revoking.title(asked.name)} action={texts.revoking.action} isDangerous onConfirm={() => void revoke(asked)} onClose={() => ask(null)}>
          <p>{texts.revoking.what}</p>
        </Confirmation>
      )}
    </Page>
  );
}

const isExpired = ({ expiresOn }: ApiClient) => expiresOn !== null && expiresOn < today();
const isAlive = (one: ApiClient) => !one.revokedAt && !isExpired(one);

function State({ of }: { of: ApiClient }) {
  if (of.revokedAt) return <span class="tag tag-warn">{words.revoked(inFigures(of.revokedAt))}</span>;
  if (!of.expiresOn) return <>{words.noEnd}</>;
  return isExpired(of) ? <span class="tag tag-warn">{words.expired(inFigures(of.expiresOn))}</span> : <>{words.until(inFigures(of.expiresOn))}</>;
}
