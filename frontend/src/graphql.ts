import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './graphql-env.d.ts';

/** Writes GraphQL documents whose types come from backend/schema/schema.graphql at compile time. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { DateTime: string; Date: string; URL: string; ServiceCode: string; Duration: string };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada';
