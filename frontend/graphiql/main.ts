/**
 * GraphiQL on our own graph, all of it served from here (no other host).
 * It uses the session cookie of the application: sign in at /connexion in the same browser, or run the first example
 * with your identifier and password. A program uses instead `transport: TOKEN` and the header `Authorization: Bearer …`,
 * which can be tried in the « Headers » editor.
 */
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './graphiql.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { examples } from './examples.js';

const { origin } = location;
const fetcher = createGraphiQLFetcher({
  url: `${origin}/graphql`,
  enableIncrementalDelivery: false,
  headers: { accept: 'application/graphql-response+json, application/json' },
  wsClient: createClient({ url: `${origin.replace(/^http/, 'ws')}/graphql`, lazy: true }),
  fetch: (input, init) => fetch(input, { ...init, credentials: 'same-origin' }),
});

createRoot(document.getElementById('graphiql')!).render(
  createElement(GraphiQL, { fetcher, defaultTabs: examples, defaultEditorToolsVisibility: 'variables', shouldPersistHeaders: false },
    createElement(GraphiQL.Logo, null, createElement('a', { href: '/' }, 'PEP’s'))),
);
