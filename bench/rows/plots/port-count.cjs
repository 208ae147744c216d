// Curve: what forwarded ports cost: memory, time, CPU time. Loopwire opens each with a handshake through the upstream, which
// proxy-chain leaves to the first client.
'use strict';
const { origin } = require('../../lib/forward/children.cjs');
const { create, load, permit } = require('../../lib/forward/local.cjs');
const { anonymous } = require('../../lib/forward/memory.cjs');
const { freePorts } = require('../../lib/forward/ports.cjs');
const { curve } = require('../../lib/plot/curve.cjs');

const POINTS = [1, 10, 100, 1000];

/** Figures at each number of ports, the earlier ones being kept. `open` opens those from one number to another. */
async function overPorts(open) {
  const figures = new Map();
  const memory = anonymous(process.pid);
  const cpu = process.cpuUsage();
  let opened = 0;
  let ms = 0;
  for (const point of POINTS) {
    const began = process.hrtime.bigint();
    await open(opened, point);
    ms += Number(process.hrtime.bigint() - began) / 1e6;
    opened = point;
    const { user, system } = process.cpuUsage(cpu);
    const mb = (anonymous(process.pid) - memory) / 1024;
    figures.set(point, { mb, ms, cpu: (user + system) / 1e3 });
  }
  return figures;
}

module.exports = curve({
  name: 'port-count',
  title: 'what forwarded ports cost, against their number',
  base: 'proxy-chain',
  points: POINTS,
  quantities: [
    { key: 'mb', title: 'MB' },
    { key: 'ms', title: 'ms until all are open' },
    { key: 'cpu', title: 'CPU ms until all are open' },
  ],
  subjects: {
    'proxy-chain': {
      title: '`proxy-chain`',
      run: async () => {
        const { Server } = require('proxy-chain');
        const upstream = { upstreamProxyUrl: `http://127.0.0.1:${await origin()}` };
        const prepareRequestFunction = () => upstream;
        const server = () => new Server({ port: 0, host: '127.0.0.1', prepareRequestFunction });
        return overPorts((from, to) =>
          Promise.all(Array.from({ length: to - from }, () => server().listen())),
        );
      },
    },
    loopwire: {
      title: 'Loopwire',
      loopwire: 'shipped',
      run: async () => {
        const loopwire = load(await origin());
        const ports = await freePorts(POINTS.at(-1));
        permit(loopwire, ports);
        return overPorts((from, to) => create(loopwire, 'http', ports.slice(from, to)));
      },
    },
  },
});
