// Runs the tests: on Node, Bun and Deno by `run.mjs ORIGIN [WS]`, in a page by `run` (page.html). `ORIGIN` is the lab's; `WS` is the
// entry of the package ws, for a Node without a WebSocket.
//
// On the platforms without a page it prints one line of JSON per test, and has to end by itself: nothing that the client
// has started may keep a process alive.

import { tests } from './tests.mjs';

/** Retries at once, so that no test waits for them. */
const FAST = { baseDelayMs: 5, maxDelayMs: 50 };

/** @param {string} origin @param {{EventClient: any, SandboxClient: any}} client @param {object} more options of every client */
export async function run(origin, { EventClient, SandboxClient }, more, report) {
  const steer = async (order, details) => {
    const body = JSON.stringify({ order, ...details });
    const answer = await fetch(origin, { method: 'POST', body });
    return answer.json();
  };
  for (const [name, test] of Object.entries(tests)) {
    const clients = [];
    await steer('alone');
    const { url, token } = await steer('where');
    const make = (options) => {
      clients.push(new EventClient({ ...FAST, url, token, ...more, ...options }));
      return clients.at(-1);
    };
    const sandbox = (options) => {
      clients.push(new SandboxClient({ ...FAST, baseURL: url, token, ...more, ...options }));
      return clients.at(-1);
    };
    let error = null;
    try {
      await test({ make, sandbox, steer });
    } catch (thrown) {
      error = String(thrown?.stack ?? thrown);
    }
    await Promise.all(clients.map((client) => client.close()));
    report({ name, error });
  }
}

if (globalThis.process?.argv) {
  const [origin, build, ws] = globalThis.process.argv.slice(2);
  const { createRequire } = await import('node:module');
  const require = createRequire(import.meta.url);
  const client =
    build === 'require'
      ? require('../../../client/index.cjs')
      : await import('../../../client/index.js');
  const more = ws ? { WebSocket: require(ws) } : {};
  await run(origin, client, more, (result) => console.log(JSON.stringify(result)));
}
