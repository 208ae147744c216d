// Row: a thousand local ports, each with its handshake through the upstream.
'use strict';
const { load: generate, origin } = require('../../lib/forward/children.cjs');
const { forward, load } = require('../../lib/forward/local.cjs');
const { pss } = require('../../lib/forward/memory.cjs');
const { freePorts } = require('../../lib/forward/ports.cjs');

const PORTS = 1000;

/** From the first call to the last port that listens; then bytes go through the last one. */
async function measure(target, start) {
  const before = pss(process.pid);
  const began = process.hrtime.bigint();
  const port = await start();
  const ms = Number(process.hrtime.bigint() - began) / 1e6;
  const mb = (pss(process.pid) - before) / 1024;
  await generate('bulk', { port, way: 'http', target }, { seconds: 0.1, streams: 1 });
  return { ms, mb };
}

async function measureLoopwire(count, open) {
  const target = await origin();
  const loopwire = load(target);
  const ports = await freePorts(count);
  return measure(target, async () => {
    await open(loopwire, ports);
    return ports.at(-1);
  });
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
      run: ({ of }) =>
        measureLoopwire(of(PORTS), (loopwire, ports) => forward(loopwire, 'http', ports)),
    },
    'loopwire-batch': {
      title: 'Loopwire, quickCreateProxies for all',
      loopwire: 'shipped',
      run: ({ of }) =>
        measureLoopwire(of(PORTS), async (loopwire, ports) => {
          loopwire.updateIpFormatAndPorts('127.0.0.1:%d', ports[0], ports.length);
          const open = await loopwire.quickCreateProxies('bench', '1', ports, ports.length);
          if (open.length < ports.length) throw new Error(loopwire.sdkGetLastError());
        }),
    },
  },
  goals: [
    { of: 'loopwire', key: 'ms', atMost: 1000 },
    { of: 'loopwire', key: 'mb', atMost: 60 },
    { of: 'loopwire-batch', key: 'ms', atMost: 1000 },
    { of: 'loopwire-batch', key: 'mb', atMost: 60 },
  ],
};
