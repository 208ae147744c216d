// A process with a web server, an upstream and a client, which work while the test's own thread is blocked.
'use strict';

const { absoluteForm, connectTunnel, socks5 } = require('../../../examples/demo/requests.cjs');
const { origin, socksUpstream } = require('../../../examples/demo/upstreams.cjs');

async function main() {
  const web = await origin().start();
  const upstream = await socksUpstream().start();
  process.on('message', async (/** @type {number} */ port) => {
    const url = `http://127.0.0.1:${web.port}/`;
    const statuses = [];
    for (const send of [absoluteForm, connectTunnel, socks5]) {
      const { status } = await send(port, url).catch((error) => ({ status: error.message }));
      statuses.push(status);
    }
    process.send?.({ statuses, done: Date.now() });
  });
  process.once('disconnect', () => process.exit());
  process.send?.(upstream.port);
}

main();
