// Measures one figure of memory in a process of its own: memory.cjs <which> [how many]
'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const { performance } = require('node:perf_hooks');
const { createInterface } = require('node:readline');
const { text } = require('node:stream/consumers');
const { setTimeout: sleep } = require('node:timers/promises');
const { loopwire, native } = require('../../harness.cjs');
const { freePort } = require('../../channel/sockets.cjs');
const { Sums } = require('../../channel/sums.cjs');

const TOKEN = 'a-token-that-nobody-guesses';
const [, , which, number] = process.argv;

/** Resident memory in bytes, after a collection. */
function resident() {
  global.gc?.();
  return process.memoryUsage.rss();
}

const descriptors = () => fs.readdirSync('/proc/self/fd').length;
const peak = () =>
  Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
/** Forgets the peak, so that the next one is that of what follows. */
const forgetPeak = () => fs.writeFileSync('/proc/self/clear_refs', '5');

/** A program of `clients.cjs` at work on our port; its memory is not ours. */
function clients(port, ...args) {
  const child = spawn(
    process.execPath,
    [`${__dirname}/clients.cjs`, String(port), TOKEN, ...args],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    next: async () => JSON.parse((await lines.next()).value),
    tell: (line) => child.stdin.write(`${line}\n`),
    end: () => (child.stdin.end(), once(child, 'exit')),
  };
}

/** Events of 256 bytes that the journal holds easily. */
const SOME = 4_000;
/** When a client has not come nearer to the head for so long, the kernel takes nothing more for it. */
const STILL_MS = 200;

/** How many events the one client is behind. */
async function behind(port) {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const [answer] = await once(
    http.get(`http://127.0.0.1:${port}/ws/connections`, { headers }),
    'response',
  );
  const [client] = JSON.parse(await text(answer)).connections;
  return client.behind.events;
}

/**
 * Publishes until the kernel takes nothing more for the one client, which does not read. What it is overtaken by afterwards is one
 * gap; sooner it could be overtaken because it was slow, and then once more. Resolves to how many events there were.
 */
async function fillSocket(port) {
  for (let published = SOME; ; published += SOME) {
    await native.harness.publish({ threads: 1, count: SOME, bytes: 256 });
    let [least, since] = [Infinity, performance.now()];
    while (least > 0 && performance.now() - since < STILL_MS) {
      const events = await behind(port);
      if (events < least) [least, since] = [events, performance.now()];
    }
    if (least > 0) return published;
  }
}

const listen = (callback, options) => loopwire.startEventListener(0, TOKEN, callback, options);

const measures = {
  /** What an idle connection takes. */
  async idle(count = 2_000) {
    const listener = listen(() => {}, { maxConnections: 65_535 });
    const warm = clients(listener.port, 'open', '100');
    await warm.next();
    const before = resident();
    const many = clients(listener.port, 'open', String(count));
    await many.next();
    await sleep(500);
    const bytes = (resident() - before) / count;
    await Promise.all([warm.end(), many.end()]);
    return { bytes, count };
  },

  /**
   * A v1 client stops reading while a million events of 256 bytes are published. Without a callback, so
   * that JavaScript's own garbage, a batch at a time, is not in the figure.
   */
  async stalled(count = 1_000_000) {
    const port = await freePort();
    if (loopwire.startCommunicate(1, port, TOKEN) !== 0)
      throw new Error(loopwire.sdkGetLastError());
    // Code is loaded, the journal is all but empty: what it comes to hold counts.
    await native.harness.publish({ threads: 1, count: 1_000, bytes: 256 });
    const client = clients(port, 'stall');
    await client.next();
    await behind(port);
    const before = resident();
    forgetPeak();
    const published = await fillSocket(port);
    await native.harness.publish({ threads: 1, count: count - published, bytes: 256 });
    const bytes = peak() - before;
    client.tell('read');
    const told = await client.next();
    await client.end();
    return { bytes, count, ...told };
  },

  /** JavaScript does nothing for two seconds while natives publish all they can. */
  async blocked(seconds = 2) {
    const sums = new Sums(2);
    let warm = 0;
    listen((data) => (warm += sums.add(data).count > 0));
    await native.harness.publish({ threads: 2, count: 1_000 });
    while (sums.count < 2_000) await sleep(10);
    const [before, heard] = [resident(), sums.count];
    forgetPeak();
    sums.next.fill(0);
    const published = native.harness.publish({ threads: 2, count: 1_000_000 });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1_000);
    const bytes = peak() - before;
    await published;
    while (sums.count < heard + 2_000_000) await sleep(10);
    return { bytes, heard: sums.count - heard, wrong: sums.wrong };
  },

  /** Bad handshakes, in batches. */
  async bad(count = 10_000) {
    const listener = listen(() => {});
    await clients(listener.port, 'open', '10').next();
    const [fds, batches] = [descriptors(), []];
    for (let batch = 0; batch < 3; batch += 1) {
      const before = resident();
      const client = clients(listener.port, 'bad', String(count));
      await client.next();
      await client.end();
      await sleep(200);
      batches.push(resident() - before);
    }
    return { batches, descriptors: descriptors() - fds, refused: listener.stats().refused };
  },

  /** Slow openers, and how long a good client takes meanwhile. */
  async slow(count = 1_000) {
    const listener = listen(() => {});
    const client = clients(listener.port, 'slow', String(count));
    const told = await client.next();
    const begun = performance.now();
    while (listener.stats().refused < count && performance.now() - begun < 10_000) await sleep(20);
    const goneMs = performance.now() - begun;
    await client.end();
    return { ...told, goneMs };
  },
};

(async () => {
  const result = await measures[which](number && Number(number));
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
})();
