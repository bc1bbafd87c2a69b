import type { Client } from '@urql/preact';
import { graphql, type ResultOf } from '../../graphql.ts';
import { follow } from '../../socket.ts';

const RequestProgress = graphql(`
  subscription RequestProgress($key: String!) { delegationRequestProgress(idempotencyKey: $key) { total treated asked isOver } }
`);

export type Progress = ResultOf<typeof RequestProgress>['delegationRequestProgress'];

/** Follows a request of delegations that is being worked through, until one stops. What is missed costs nothing: the answer tells all. */
export const followRequest = (client: Client, key: string, receive: (progress: Progress) => void) =>
  follow(client, RequestProgress, { key }, ({ delegationRequestProgress }) => receive(delegationRequestProgress));
