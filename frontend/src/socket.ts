import { stringifyDocument, type AnyVariables, type Client, type TypedDocumentNode } from '@urql/preact';
import type { Client as Socket } from 'graphql-ws';
import { forgetEverything } from './graph.ts';

const RESTART = 10_000;

/** One socket for all that a session follows. It opens with the first subscription and closes with the last. */
const sockets = new WeakMap<Client, Promise<Socket>>();

function socketOf(client: Client): Promise<Socket> {
  const known = sockets.get(client);
  if (known) return known;
  const made = import('graphql-ws').then(({ createClient }) => createClient(socketOptions(client)));
  made.catch(() => sockets.delete(client));
  sockets.set(client, made);
  return made;
}

/**
 * Follows a subscription until the function it gives back is called. Where it fails or stops it is begun again a little later;
 * `onError` is told why. The variables are read anew each time it is sent, so that a getter among them may resume where it stopped.
 */
export function follow<Data, Variables extends AnyVariables>(
  client: Client,
  subscription: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  receive: (data: Data) => void,
  onError: (refusal: string) => void = () => undefined,
): () => void {
  let isGone = false;
  let stop = () => undefined as void;
  const again = () => setTimeout(start, RESTART);
  const start = () => {
    if (isGone) return;
    socketOf(client).then((socket) => {
      if (isGone) return;
      stop = socket.subscribe<Data>(
        { query: stringifyDocument(subscription), variables: variables as Record<string, unknown> },
        {
          next: ({ data }) => data && receive(data),
          error: (refusal) => {
            onError(JSON.stringify(refusal ?? null));
            again();
          },
          complete: again,
        },
      );
    }, again);
  };
  start();
  return () => {
    isGone = true;
    stop();
  };
}

function socketOptions(client: Client) {
  let socket: WebSocket | undefined;
  let deadline: ReturnType<typeof setTimeout> | undefined;
  let wasConnected = false;
  return {
    url: `${location.origin.replace(/^http/, 'ws')}/graphql`,
    keepAlive: 15_000,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: (retries: number) => new Promise<void>((resolve) => {
      setTimeout(resolve, Math.min(30_000, 500 * 2 ** retries) * (0.75 + Math.random() / 2));
    }),
    on: {
      connected: () => {
        if (wasConnected) forgetEverything(client);
        wasConnected = true;
      },
      closed: (event: unknown) => {
        clearTimeout(deadline);
        const code = (event as { code?: number }).code;
        if (code === 4401 || code === 4403) forgetEverything(client);
      },
      ping: (received: boolean) => {
        if (!received) deadline = setTimeout(() => socket?.close(4408, 'No pong'), 5_000);
      },
      pong: (received: boolean) => {
        if (received) clearTimeout(deadline);
      },
      opened: (opened: unknown) => {
        socket = opened as WebSocket;
      },
    },
  };
}
