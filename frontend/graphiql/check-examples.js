/** Holds GraphiQL's examples to the schema: run by `npm run check`. */
import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { examples } from './examples.js';

const schema = buildSchema(readFileSync(new URL('../../backend/schema/schema.graphql', import.meta.url), 'utf8'));
const faults = examples.flatMap(({ query }) => validate(schema, parse(query)).map((error) => `${error.message}\n${query}`));
if (faults.length) {
  console.error(faults.join('\n\n'));
  process.exit(1);
}
