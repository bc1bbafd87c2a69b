// Follows courrierDeposited with graphql-ws, one line for each letter; "cut" on its input cuts the socket, and "resume"
// follows again after the last cursor it received. Arguments: address, token, cursor.
import { createInterface } from 'node:readline';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [url, token, cursor] = process.argv.slice(2);
const query = `subscription($after: String) {
  courrierDeposited(after: $after) { cursor courrier { reference } summary { total unread } }
}`;
let after = cursor;
let open;

async function follow() {
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    on: { connected: (socket) => { open = socket; } },
  });
  try {
    for await (const { data, errors } of client.iterate({ query, variables: { after } })) {
      if (errors) throw new Error(JSON.stringify(errors));
      after = data.courrierDeposited.cursor;
      console.log(data.courrierDeposited.courrier.reference);
    }
  } catch (error) {
    console.log(error?.code === undefined ? `failed: ${error}` : 'cut');
  }
}

createInterface({ input: process.stdin }).on('line', (word) => {
  if (word === 'cut') open.terminate();
  if (word === 'resume') follow();
  if (word === 'end') process.exit(0);
});
follow();
