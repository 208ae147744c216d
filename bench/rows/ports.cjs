// Row: a thousand local ports, each with its handshake through the upstream.
'use strict';
const { load, origin } = require('../lib/forward/children.cjs');
const { forward, load: loopwire } = require('../lib/forward/local.cjs');
const { pss } = require('../lib/forward/memory.cjs');
const { freePorts } = require('../lib/forward/ports.cjs');

const PORTS = 1000;

/** From the first call to the last port that listens; then bytes go through the last one. */
async function measure(target, start) {
  const before = pss(process.pid);
  const began = process.hrtime.bigint();
  const port = await start();
  const ms = Number(process.hrtime.bigint() - began) / 1e6;
  const mb = (pss(process.pid) - before) / 1024;
  await load('bulk', { port, way: 'http', target }, { seconds: 0.1, streams: 1 });
  return { ms, mb };
}

module.exports = {
  name: 'ports',
  title: 'a thousand local ports',
  base: 'proxy-chain',
  columns: [
    { key: 'ms', title: 'ms' },
    { key: 'mb', title: 'MB' },
  ],
  subjects: {
    'proxy-chain': {
      title: '`proxy-chain`, which asks no upstream before',
      run: async ({ of }) => {
        const { Server } = require('proxy-chain');
        const target = await origin();
        const upstream = { upstreamProxyUrl: `http://127.0.0.1:${target}` };
        const prepareRequestFunction = () => upstream;
        const open = () => new Server({ port: 0, host: '127.0.0.1', prepareRequestFunction });
        return measure(target, async () => {
          const servers = Array.from({ length: of(PORTS) }, open);
          await Promise.all(servers.map((server) => server.listen()));
          return servers.at(-1).port;
        });
      },
    },
    loopwire: {
      title: 'Loopwire, createWithId for each',
      loopwire: 'shipped',
      run: async ({ of }) => {
        const target = await origin();
        const engine = loopwire(target);
        const ports = await freePorts(of(PORTS));
        return measure(target, async () => {
          await forward(engine, 'http', ports);
          return ports.at(-1);
        });
      },
    },
  },
  goals: [
    { of: 'loopwire', key: 'ms', atMost: 1000 },
    { of: 'loopwire', key: 'mb', atMost: 60 },
  ],
};
