// Clients in a process of their own: clients.cjs <port> <token> <kind> [how many]
'use strict';

const { once } = require('node:events');
const net = require('node:net');
const { performance } = require('node:perf_hooks');
const { Peer, connect, urls } = require('../../channel/peer.cjs');
const { dial, handshake, upgraded } = require('../../channel/sockets.cjs');

const [, , portText, token, kind, number = '1'] = process.argv;
const [port, count] = [Number(portText), Number(number)];
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
process.stdin
  .setEncoding('utf8')
  .on('end', () => process.exit(0))
  .resume();

/** Runs `one` `count` times, some at once. */
async function each(one, atOnce) {
  let begun = 0;
  const line = async () => {
    while (begun < count) await one((begun += 1));
  };
  await Promise.all(Array.from({ length: atOnce }, line));
}

const kinds = {
  async open() {
    await each(() => upgraded(port, `/ws?token=${token}`), 20);
    tell({ open: count });
  },

  /** Reads nothing until it is told to; then tells the gap, and what came before and after it. */
  async stall() {
    const peer = await connect(urls.v1(port, token));
    const hello = await peer.next('hello');
    const seen = { from: hello.data.seq, beforeGap: 0, afterGap: 0, gaps: [], wrong: null };
    let last = hello.data.seq;
    peer.each((bytes) => {
      const text = bytes.toString();
      const at = text.lastIndexOf(',"seq":');
      const gap = at < 0 && JSON.parse(text);
      if (gap && gap.type === 'gap') {
        if (gap.data.from !== last + 1)
          seen.wrong ??= `the gap begins at ${gap.data.from}, not ${last + 1}`;
        seen.gaps.push(gap.data);
        last = gap.data.to;
        return;
      }
      const seq = Number(text.slice(at + 7, -1));
      if (seq !== last + 1) seen.wrong ??= `${seq} after ${last}`;
      last = seq;
      seen[seen.gaps.length > 0 ? 'afterGap' : 'beforeGap'] += 1;
      if (seq === hello.data.seq + 1_000_000) tell({ ...seen, last });
    });
    peer.ws.pause();
    tell({});
    process.stdin.on('data', () => peer.ws.resume());
  },

  /** Connects to each port it is told, and reads whatever comes. */
  async follow() {
    process.stdin.on('data', (text) => {
      for (const line of text.trim().split('\n')) {
        const peer = new Peer(urls.v1(Number(line), token)).each(() => {});
        const done = () => tell({ port: Number(line) });
        peer.ws.once('open', done).once('error', done);
      }
    });
  },

  async bad() {
    const targets = ['/ws/wrong-token', '/ws?token=wrong', '/', '/ws', '/nothing'];
    await each(async (n) => {
      const socket = await dial(port);
      const host = n % 7 === 0 ? 'Origin: http://evil.example\r\n' : '';
      socket.write(handshake(port, targets[n % targets.length], host).head);
      socket.resume();
      await once(socket, 'close');
    }, 20);
    tell({ bad: count });
  },

  /** Openers of four slow kinds; meanwhile a good client connects again and again. */
  async slow() {
    const kinds = [
      () => {},
      (socket) => socket.write('GET /ws HTTP/1.1\r\nHost: 127.0'),
      (socket) => {
        const timer = setInterval(() => socket.write('x'), 200);
        socket.on('close', () => clearInterval(timer));
      },
      (socket) =>
        socket.write(
          `POST /ws/disconnect HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n` +
            'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
        ),
    ];
    const open = each(async (n) => {
      const socket = net.connect(port, '127.0.0.1').on('error', () => {});
      // Some are pushed out before they have said a word: that is what happens to openers in a crowd.
      const gone = await once(socket, 'connect').catch((error) => error);
      if (gone instanceof Error || socket.destroyed) return;
      kinds[n % kinds.length](socket);
      socket.resume();
    }, 50);
    const good = [];
    let turnedOut = 0;
    const state = { open: true };
    open.then(() => (state.open = false));
    for (let round = 0; state.open || round < 20; round += 1) {
      const before = performance.now();
      const peer = await connect(urls.v1(port, token)).catch(() => undefined);
      if (peer === undefined) {
        turnedOut += 1;
        continue;
      }
      await peer.close();
      good.push(performance.now() - before);
    }
    good.sort((a, b) => a - b);
    tell({
      turnedOut,
      goodMs: good.at(-1),
      goodMedianMs: good[good.length >> 1],
      rounds: good.length,
    });
  },
};

kinds[kind]();
