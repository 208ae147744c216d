// Row: draining a full journal to one WebSocket client that only counts.
'use strict';
const { setTimeout: sleep } = require('node:timers/promises');
const client = require('../../lib/client.cjs');
const { BYTES, numbered } = require('../../lib/event.cjs');
const loopwire = require('../../lib/loopwire.cjs');
const servers = require('../../lib/node-servers.cjs');
const paths = require('../../lib/paths.cjs');

const SLOW = 300_000;
const FAST = 1_900_000;

/** Flat strings: one that was put together would be flattened when it is sent, in the time that is measured. */
function prepared(count) {
  return Array.from({ length: count }, (_, n) => Buffer.from(numbered(n)).toString('latin1'));
}

/** From the request for the upgrade to the last byte. */
async function fromRequest(options) {
  const seen = await client.connect(options).result;
  return client.rate(seen, seen.requested);
}

/** From the moment the client begins to read; until then the server fills what the kernel holds. */
async function fromRead(options, fill = () => {}) {
  const held = client.connect({ ...options, hold: true });
  await held.open;
  await fill();
  await sleep(100);
  held.go();
  const seen = await held.result;
  return client.rate(seen, seen.started);
}

function native(kind, count, { seq, held } = {}) {
  const port = require(paths.peers).serveDrain(kind, count, BYTES, seq);
  return (held ? fromRead : fromRequest)({ port, events: count });
}

async function socketIo(count) {
  const { Server } = require('socket.io');
  const http = require('node:http').createServer();
  const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false });
  const events = prepared(count).map((json) => JSON.parse(json));
  io.on('connection', (socket) => {
    const some = (n) => {
      for (const end = Math.min(n + 5000, count); n < end; n++) socket.emit('e', events[n]);
      if (n < count) setImmediate(some, n);
    };
    some(0);
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address();
  // `40` joins the namespace; events are `42["e",…]`.
  return fromRequest({
    port,
    path: '/socket.io/?EIO=4&transport=websocket',
    send: '40',
    match: '42["e"',
    at: 0,
    events: count,
  });
}

function bun(count, cork) {
  const pump = servers.pump(prepared(count), cork);
  return fromRequest({ port: servers.bun(pump, pump), events: count });
}

module.exports = {
  name: 'drain',
  title: 'draining a full journal to one WebSocket client that only counts',
  base: 'ws',
  columns: [
    { key: 'rate', title: 'M events/s' },
    { key: 'mbs', title: 'MB/s' },
  ],
  subjects: {
    ws: {
      title: '`ws`',
      run: async ({ of }) => {
        const events = prepared(of(SLOW)).map((json) => Buffer.from(json));
        const port = await servers.ws((socket) => servers.sendAll(socket, events));
        return fromRequest({ port, events: events.length });
      },
    },
    'socket.io': { title: 'socket.io', run: ({ of }) => socketIo(of(SLOW)) },
    bun: { title: 'Bun', bun: true, run: ({ of }) => bun(of(SLOW), false) },
    'bun-cork': { title: 'Bun, corked', bun: true, run: ({ of }) => bun(of(FAST), true) },
    'axum-send': {
      title: 'axum, send per message',
      run: ({ of }) => native('axum-send', of(SLOW)),
    },
    'axum-feed': { title: 'axum, feed and flush', run: ({ of }) => native('axum-feed', of(FAST)) },
    fast: { title: 'fastwebsockets, buffered', run: ({ of }) => native('fast', of(FAST)) },
    raw: {
      title: 'raw TCP, client held back first',
      run: ({ of }) => native('raw', of(FAST), { held: true }),
    },
    'raw-seq': {
      title: 'raw TCP, the bytes of loopwire.v1',
      run: ({ of }) => native('raw', of(FAST), { seq: true }),
    },
    'raw-hot': {
      title: 'raw TCP, one block from the cache',
      run: ({ of }) => native('raw-hot', of(FAST)),
    },
    loopwire: {
      title: 'Loopwire, plain (client held back first)',
      loopwire: true,
      run: async ({ of }) => {
        const { harness, port, path } = await loopwire.start({ journal: loopwire.LARGE });
        const { fill } = harness;
        return fromRead({ port, path, events: of(FAST) }, () =>
          fill({ count: of(FAST), bytes: BYTES }),
        );
      },
    },
    'loopwire-v1': {
      title: 'Loopwire, loopwire.v1 (resumed from 0)',
      loopwire: true,
      run: async ({ of }) => {
        const { harness, port, v1 } = await loopwire.start({ journal: loopwire.LARGE });
        const { fill } = harness;
        fill({ count: of(FAST), bytes: BYTES });
        return fromRequest({ port, path: `${v1}&since=0`, events: of(FAST) });
      },
    },
  },
  goals: [
    { of: 'loopwire', key: 'mbs', against: 'raw', atLeast: 0.8 },
    { of: 'loopwire-v1', key: 'mbs', against: 'raw-seq', atLeast: 0.6 },
    { of: 'loopwire', key: 'rate', against: 'bun-cork', atLeast: 3 },
  ],
};
