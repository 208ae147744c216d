// Compiled, never run: the types of `loopwire/client` as a user of the package sees them.

import { ConnectionError, EventClient } from 'loopwire/client';
import type { EventClientOptions, EventPosition, Reason, State } from 'loopwire/client';
import { same } from './same.js';

const options: EventClientOptions = {
  url: new URL('ws://127.0.0.1:1/ws'),
  token: 'secret',
  since: { epoch: 'e', seq: 1 },
  signal: new AbortController().signal,
  WebSocket: class {
    binaryType = 'blob';
    bufferedAmount = 0;
    send(): void {}
    close(): void {}
    addEventListener(): void {}
  },
  fetch: null,
  lifecycle: new EventTarget(),
};
export const byUrl = new EventClient('ws://127.0.0.1:1/ws/token');
// @ts-expect-error there is no such option
export const refused = new EventClient({ url: '', retries: 3 });
const client = new EventClient(options);

client
  .on('statechange', (state) => {
    same<typeof state, State>(true);
    if (state.name === 'waiting') {
      const { retryAt, attempt, reason } = state;
      same<[typeof retryAt, typeof attempt, typeof reason], [number | null, number, Reason]>(true);
    }
    // @ts-expect-error only some states have a reason
    void state.reason;
  })
  .once('binary', ({ bytes }) => {
    same<typeof bytes, Uint8Array>(true);
  })
  .on('portStateUpdate', (event) => void event)
  .on('gap', ({ data }) => {
    same<typeof data.previous, EventPosition | undefined>(true);
  })
  .off('text', (text: string) => void text);

async function loop(): Promise<void> {
  await client.connect();
  for await (const event of client) void [event.type, event.seq];
  const { position } = client;
  same<typeof position, EventPosition | null>(true);
  await client[Symbol.asyncDispose]();
}
void loop().catch((error) => {
  if (error instanceof ConnectionError) void [error.code, error.closeCode, error.status];
});
