// Transfers through a port, one after another, with their times. Forked, it is a process of its own.
'use strict';

const http = require('node:http');
const { absoluteForm, connectTunnel, socks5 } = require('../../../examples/demo/requests.cjs');
const { socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const { Stoppable } = require('../../../examples/demo/server.cjs');

/** Several reads of everybody's on the way. */
const BODY = 'x'.repeat(1 << 20);

/** A web server of one body. */
const body = () => new Stoppable(0, () => http.createServer((_, response) => response.end(BODY)));

/**
 * Transfers until it is told to stop.
 *
 * @param {number} port
 * @param {number} web
 */
function transfers(port, web) {
  const done = [];
  const errors = [];
  const stopping = new AbortController();
  const worker = async (send) => {
    while (!stopping.signal.aborted) {
      try {
        const answer = await send(port, `http://127.0.0.1:${web}/`);
        if (answer.body === BODY) done.push(Date.now());
        else errors.push(`${answer.status}, ${answer.body.length} bytes`);
      } catch (error) {
        errors.push(error.message);
      }
      // Something to watch, not something to load the machine with.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const workers = Promise.all([absoluteForm, connectTunnel, socks5].map(worker));
  return async () => {
    stopping.abort();
    await workers;
    return { done, errors };
  };
}

/** How many were through in each second of a time. */
const perSecond = (done, begin, end) =>
  Array.from(
    { length: Math.floor((end - begin) / 1_000) },
    (_, second) =>
      done.filter((at) => Math.floor((at - begin) / 1_000) === second && at >= begin).length,
  );

/** As a process: gets a port, transfers, and tells what came of it when it is asked again. */
async function main() {
  const upstream = await socksUpstream().start();
  const web = await body().start();
  let stop;
  process.on('message', async (/** @type {{port?: number}} */ { port }) => {
    if (port) stop = transfers(port, web.port);
    else process.send?.(await stop());
  });
  process.once('disconnect', () => process.exit());
  process.send?.({ upstream: upstream.port });
}

if (require.main === module) main();

module.exports = { body, perSecond, transfers };
