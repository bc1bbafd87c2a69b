import { stringifyDocument } from '@urql/preact';
import { graphql, type ResultOf } from '../../graphql.ts';

const RequestProgress = graphql(`
  subscription RequestProgress($key: String!) { delegationRequestProgress(idempotencyKey: $key) { total treated asked isOver } }
`);

export type Progress = ResultOf<typeof RequestProgress>['delegationRequestProgress'];

/** Follows a request of delegations that is being worked through, until it is over or one stops. What is missed costs nothing: the answer tells all. */
export function followRequest(key: string, receive: (progress: Progress) => void): () => void {
  let isGone = false;
  let stop: () => void = () => undefined;
  void import('graphql-ws').then(({ createClient }) => {
    if (isGone) return;
    const socket = createClient({ url: `${location.origin.replace(/^http/, 'ws')}/graphql`, keepAlive: 15_000, retryAttempts: Infinity, shouldRetry: () => true });
    // Its only subscription over, the socket closes by itself; closed by us, it might still have something to send.
    stop = socket.subscribe<ResultOf<typeof RequestProgress>>(
      { query: stringifyDocument(RequestProgress), variables: { key } },
      { next: ({ data }) => data && receive(data.delegationRequestProgress), error: () => undefined, complete: () => undefined },
    );
  }, () => undefined);
  return () => {
    isGone = true;
    stop();
  };
}
