// The steps of forwarding: local ports through upstreams, and what is kept of them on the disk.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { byConnect, byGet, bySocks } = require('./client.cjs');
const { until } = require('./step.cjs');
const { ANSWER, httpProxy, origin, socksProxy } = require('./upstream.cjs');

/** @typedef {import('./step.cjs').Surroundings} Surroundings */

/** A port that nobody uses, of the range that Loopwire has by itself. @param {Surroundings} the */
function freePort({ check, kept, loopwire }) {
  kept.ports ??= loopwire.getPortsFreeWithLimit(8);
  const port = kept.ports.shift();
  check(port, 'no port of the range is free');
  return port;
}

/** One request that must have gone through the upstream. @param {Surroundings} the @param {(port: number, origin: number) => Promise<string>} ask @param {{port: number, upstream: any}} way */
async function asked({ check, kept }, ask, { port, upstream }) {
  const before = upstream.count();
  const answer = await ask(port, kept.origin.port);
  check(answer === ANSWER, `the answer was ${JSON.stringify(answer)}`);
  check(upstream.count() > before, 'the upstream has not seen the request');
}

/**
 * A local port through an upstream, which is kept by its scheme.
 *
 * @param {Surroundings} the
 * @param {'http' | 'socks5'} scheme
 * @param {() => Promise<{port: number, count: () => number, close: () => unknown}>} proxy
 * @param {Parameters<typeof asked>[1]} ask
 */
async function through(the, scheme, proxy, ask) {
  const upstream = await proxy();
  const port = freePort(the);
  await the.loopwire.forward({ port, upstream: `${scheme}://127.0.0.1:${upstream.port}` });
  the.kept[scheme] = { port, upstream };
  await asked(the, ask, the.kept[scheme]);
}

/** @type {import('./step.cjs').Step[]} */
const STEPS = [
  {
    name: 'forward without an upstream',
    async run(the) {
      const { check, kept, loopwire } = the;
      kept.origin = await origin();
      const port = freePort(the);
      await loopwire.forward({ port, upstream: 'direct:' });
      check((await byGet(port, kept.origin.port)) === ANSWER, 'it is another answer');
    },
  },
  { name: 'forward through HTTP', run: (the) => through(the, 'http', httpProxy, byGet) },
  { name: 'CONNECT', run: async (the) => asked(the, byConnect, the.kept.http) },
  { name: 'SOCKS5', run: async (the) => asked(the, bySocks, the.kept.http) },
  { name: 'forward through SOCKS5', run: (the) => through(the, 'socks5', socksProxy, byConnect) },
  {
    name: 'ports and totals',
    async run({ check, kept, loopwire }) {
      const row = loopwire.ports().find((/** @type {any} */ { port }) => port === kept.http.port);
      check(row, 'the port is not listed');
      check(loopwire.isRunningPort(kept.http.port) === 1, 'the port does not run');
      check(loopwire.stats().ports >= 3 || loopwire.ports().length >= 3, 'there are too few');
      loopwire.removePort(kept.socks5.port);
      await until(() => loopwire.isRunningPort(kept.socks5.port) === 0);
    },
  },
  {
    name: 'saved data',
    async run(the) {
      const { check, kept, loopwire, place } = the;
      const folder = path.join(place, 'saved');
      fs.mkdirSync(folder);
      await loopwire.shutdown();
      loopwire.setSaveDataPath(folder);
      const port = freePort(the);
      await loopwire.forward({ port, upstream: `http://127.0.0.1:${kept.http.upstream.port}` });
      check(fs.existsSync(path.join(folder, 'forwards.json')), 'nothing was saved');
      // As after the end of the process: a new engine knows only what is on the disk.
      await loopwire.shutdown();
      check(loopwire.isRunningPort(port) === 0, 'the port has outlived its engine');
      loopwire.setSaveDataPath(folder);
      loopwire.restoreData();
      await until(() => loopwire.isRunningPort(port) === 1);
      await until(() => JSON.parse(loopwire.getConfigJSON(port)).is_online);
      await asked(the, byGet, { port, upstream: kept.http.upstream });
      loopwire.removePort(port);
    },
  },
];

module.exports = { STEPS };
