// WebSocket servers of Node and Bun, set up alike: loopback, no compression, TCP_NODELAY as by default.
'use strict';

/** `ws`; resolves to its port, `open` gets each connection. */
function ws(open) {
  const { WebSocketServer } = require('ws');
  return new Promise((resolve) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
    server.on('connection', open);
    server.on('listening', () => resolve(server.address().port));
  });
}

/** Bun's server; `drain` is called when a connection has room again. */
function bun(open, drain = () => {}) {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request, self) {
      if (!self.upgrade(request)) return new Response('', { status: 400 });
    },
    websocket: {
      open,
      drain,
      message() {},
      perMessageDeflate: false,
      backpressureLimit: 64 * 1024 * 1024,
    },
  });
  return server.port;
}

/** A `ws` client in this process that gives each message to `callback`; resolves once it is open. */
function client(port, callback) {
  const { WebSocket } = require('ws');
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/bench`, { perMessageDeflate: false });
  socket.on('message', callback);
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Sends all of `events` to a `ws` connection, leaving the loop while much is buffered. */
function sendAll(socket, events, n = 0) {
  while (n < events.length) {
    socket.send(events[n++], { binary: false });
    if (socket.bufferedAmount > 1024 * 1024) {
      setImmediate(sendAll, socket, events, n);
      return;
    }
  }
}

/** Sends `count` events one by one, and leaves the loop while `busy()`. */
function publishFromLoop(count, send, busy) {
  return new Promise((resolve) => {
    const some = (n) => {
      while (n < count) {
        send(n++);
        if (busy()) return setImmediate(some, n);
      }
      resolve();
    };
    some(0);
  });
}

/** Beyond so many bytes that wait in a connection, its publisher leaves the event loop. */
const ROOM = 1024 * 1024;

/**
 * A server that publishes to its one client: `send(text)`, and `publish(count, text)` with what `text(n)` makes. `begin` starts
 * the server, `waiting` says how many bytes wait in its connection.
 */
function toOne(begin, waiting) {
  let socket;
  const send = (text) => socket.send(text);
  const publish = (count, text) =>
    publishFromLoop(
      count,
      (n) => send(text(n)),
      () => waiting(socket) > ROOM,
    );
  return { started: begin((opened) => (socket = opened)), send, publish };
}

async function toOneOfWs() {
  const { started, ...rest } = toOne(ws, (socket) => socket.bufferedAmount);
  return { port: await started, ...rest };
}

function toOneOfBun() {
  const { started: port, ...rest } = toOne(bun, (socket) => socket.getBufferedAmount());
  return { port, ...rest };
}

/**
 * A pump for Bun: call it at the start and at each drain. `cork` bundles a thousand sends; without it they
 * are made from the loop, since Bun corks by itself whatever is sent within its own handlers.
 */
function pump(events, cork) {
  let n = 0;
  /** Sends up to a thousand; whether there is room for more. */
  const some = (socket) => {
    for (const end = Math.min(n + 1000, events.length); n < end;) {
      // -1: sent, but the kernel is full; go on at drain.
      if (socket.sendText(events[n++]) <= 0) return false;
    }
    return n < events.length;
  };
  const go = (socket) => {
    let more = true;
    while (more) {
      if (cork) socket.cork(() => (more = some(socket)));
      else more = some(socket);
    }
  };
  return cork ? go : (socket) => setImmediate(go, socket);
}

module.exports = { ws, bun, client, sendAll, pump, toOneOfBun, toOneOfWs };
