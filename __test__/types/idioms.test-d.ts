// The types of loops, signals and what is disposed; `tsc --noEmit` is the test.

import { drained, forward, openWorkspace, startEventListener } from 'loopwire';
import type { Bytes, ChannelListener, Executed, Terminal } from 'loopwire';
import { same } from './same.js';

const { signal } = new AbortController();

async function loops() {
  const buffers = startEventListener(0, 'token', null, { signal });
  same<typeof buffers, ChannelListener<Buffer>>(true);
  for await (const event of buffers) same<typeof event, Buffer>(true);
  for await (const event of startEventListener(0, 'token')) same<typeof event, Buffer>(true);
  const strings = startEventListener(0, 'token', undefined, { format: 'string' });
  for await (const event of strings) same<typeof event, string>(true);
  const both = startEventListener(0, 'token', (json: string) => json, { format: 'string' });
  const iterator = both[Symbol.asyncIterator]();
  same<typeof iterator, AsyncIterableIterator<string>>(true);
  // Whoever does not care about the format names the listener alone.
  const any: ChannelListener = strings;
  // @ts-expect-error a callback for strings, without the format
  startEventListener(0, 'token', (json: string) => json);
  return any;
}

async function disposed() {
  await using listener = startEventListener(0, 'token', () => {});
  await using workspace = openWorkspace('.', { signal });
  await using terminal = await workspace.terminal({ signal });
  await using watch = workspace.watch('.', { signal });
  same<ReturnType<Terminal['close']>, Promise<void>>(true);
  await watch.ready;
  return [listener, terminal];
}

async function signals() {
  same<ReturnType<typeof drained>, Promise<void>>(true);
  await drained({ signal });
  await forward({ port: 60_000, upstream: 'direct://', signal });
  const workspace = openWorkspace('.');
  const executed = await workspace.execute('cat', {
    signal,
    input: new DataView(new ArrayBuffer(1)),
  });
  same<typeof executed, Executed<string>>(true);
  same<Awaited<ReturnType<typeof text>>, string>(true);
  const text = () => workspace.readFile('a', { encoding: 'utf8', signal });
  await workspace.readFile('a', { signal });
  await workspace.writeFile('a', new Uint16Array(1), { signal });
  await workspace.snapshots.list({ signal });
  await workspace.snapshots.diff('a', null, { signal });
  const bytes: Bytes = new SharedArrayBuffer(1);
  // @ts-expect-error a signal is one
  await drained({ signal: 'abort' });
  // @ts-expect-error input is text or bytes
  await workspace.execute('cat', { input: 5 });
  return bytes;
}

export { disposed, loops, signals };
