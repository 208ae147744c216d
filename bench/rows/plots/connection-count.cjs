// Curve: what connections cost that receive everything: memory while they are idle, CPU time of an event for all of them.
'use strict';
const { setTimeout: sleep } = require('node:timers/promises');
const v8 = require('node:v8');
const vm = require('node:vm');
const { BYTES, numbered, payload } = require('../../lib/event.cjs');
const { anonymous } = require('../../lib/forward/memory.cjs');
const loopwire = require('../../lib/loopwire.cjs');
const servers = require('../../lib/node-servers.cjs');
const { Crowd } = require('../../lib/plot/crowd.cjs');
const { curve } = require('../../lib/plot/curve.cjs');

const POINTS = [1, 10, 100, 1000, 4000];
/** An event and the two bytes before it. */
const FRAME = BYTES + 2;
/** Deliveries of a point, and how many events that may be. */
const DELIVERIES = 40_000;
const [FEWEST, MOST] = [10, 400];
/** Between two events: all clients have the first when the second comes, so none costs less for being sent with another. */
const INTERVAL_MS = 1;
const INTERVAL_MS_EACH = 0.025;

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');

function memory() {
  collect();
  return anonymous(process.pid);
}

/** Figures at each number of connections, the earlier ones being kept. `opened` says how many the server has. */
async function overConnections({ quick }, { port, path, opened, publish }) {
  const crowd = new Crowd();
  const before = memory();
  const figures = new Map();
  let open = 0;
  for (const point of quick ? POINTS.slice(0, -1) : POINTS) {
    await crowd.open(port, path, point - open);
    open = point;
    while (opened() < open) await sleep(1);
    const mb = (memory() - before) / 1024;
    const count = Math.max(FEWEST, Math.min(MOST, Math.ceil(DELIVERIES / point)));
    const received = await crowd.expect(count * point * FRAME);
    const began = process.cpuUsage();
    for (let n = 0; n < count; n++) {
      publish(numbered(n));
      await sleep(Math.max(INTERVAL_MS, point * INTERVAL_MS_EACH));
    }
    await received();
    const { user, system } = process.cpuUsage(began);
    figures.set(point, { mb, cpu: (user + system) / count });
  }
  crowd.end();
  return figures;
}

module.exports = curve({
  name: 'connection-count',
  title: 'what connections cost that receive everything, against their number',
  base: 'ws',
  // Four thousand connections are slow to open on a busy machine.
  deadlineMs: 180_000,
  points: POINTS,
  quantities: [
    { key: 'mb', title: 'MB, idle' },
    { key: 'cpu', title: 'CPU µs of an event for all' },
  ],
  subjects: {
    ws: {
      title: '`ws`',
      run: async (how) => {
        const sockets = new Set();
        const port = await servers.ws((socket) => sockets.add(socket));
        const publish = (json) => sockets.forEach((socket) => socket.send(json));
        return overConnections(how, { port, path: '/', opened: () => sockets.size, publish });
      },
    },
    loopwire: {
      title: 'Loopwire',
      loopwire: true,
      run: async (how) => {
        const { loopwire: functions } = loopwire.load();
        const options = { delivery: 'all', maxConnections: POINTS.at(-1) };
        const listener = functions.startEventListener(0, loopwire.TOKEN, () => {}, options);
        const { emit } = functions;
        return overConnections(how, {
          port: listener.port,
          path: `/ws/${loopwire.TOKEN}`,
          opened: () => listener.stats().connections,
          publish: (json) => emit('harness', payload(json)),
        });
      },
    },
  },
});
