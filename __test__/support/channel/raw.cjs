// A raw WebSocket client over a socket: for frames that no library sends, and for reading on demand.
'use strict';

const net = require('node:net');
const { Inbox } = require('../inbox.cjs');
const { isPong, opened, tokenOf } = require('./client.cjs');

const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** One client frame; `masked: false` is against RFC 6455. */
function frame(kind, body = '', { fin = true, masked = true } = {}) {
  const data = Buffer.from(body);
  const first = (fin ? 0x80 : 0) | OPCODES[kind];
  const bit = masked ? 0x80 : 0;
  let head;
  if (data.length < 126) {
    head = Buffer.from([first, bit | data.length]);
  } else if (data.length < 65_536) {
    head = Buffer.from([first, bit | 126, data.length >> 8, data.length & 0xff]);
  } else {
    head = Buffer.alloc(10);
    head.set([first, bit | 127]);
    head.writeBigUInt64BE(BigInt(data.length), 2);
  }
  // A mask of zeros is a mask: what is sent can be read in a dump.
  return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), data]);
}

/**
 * The server's frames, once they are whole: `{opcode, body}`, and close frames as `{code, reason}`. A close
 * is answered, as every client does; pings are not.
 */
class Raw extends Inbox {
  #bytes = Buffer.alloc(0);

  constructor(socket) {
    super();
    this.socket = socket;
    opened(socket, () => socket.destroy());
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.end('the socket was closed');
        resolve(this.#bytes.length);
      });
    });
    socket.on('error', () => {});
  }

  feed(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (;;) {
      const all = this.#bytes;
      if (all.length < 2) return;
      const short = all[1] & 0x7f;
      const start = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (all.length < start) return;
      const length =
        short === 126
          ? all.readUInt16BE(2)
          : short === 127
            ? Number(all.readBigUInt64BE(2))
            : short;
      if (all.length < start + length) return;
      const body = all.subarray(start, start + length);
      this.#bytes = all.subarray(start + length);
      const whole = frameOf(all[0], body);
      if (whole.opcode === OPCODES.close) this.socket.write(frame('close', body.subarray(0, 2)));
      this.push(whole);
    }
  }

  write(bytes) {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }
}

function frameOf(first, body) {
  // The server neither fragments nor compresses; anything else is a frame begun in the wrong place.
  if ((first & 0xf0) !== 0x80) throw new Error(`no frame of ours begins with ${first}`);
  const opcode = first & 0x0f;
  if (opcode === OPCODES.close) {
    return { opcode, code: body.readUInt16BE(0), reason: body.toString('utf8', 2) };
  }
  return { opcode, body: opcode === OPCODES.text ? body.toString() : body };
}

/**
 * Connects and shakes hands. With `paused`, nothing is read until `raw.socket.resume()`.
 *
 * @param {any} listener
 * @param {{path?: string, paused?: boolean}} [options]
 * @returns {Promise<Raw>}
 */
async function connectRaw(listener, { path = `/ws/${tokenOf(listener)}`, paused = false } = {}) {
  const socket = net.connect(listener.port, '127.0.0.1');
  const raw = new Raw(socket);
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${listener.port}\r\nConnection: Upgrade\r\n` +
      `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n\r\n`,
  );
  await new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const read = (bytes) => {
      head = Buffer.concat([head, bytes]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', read);
      if (!head.subarray(0, end).toString().startsWith('HTTP/1.1 101 ')) {
        reject(new Error(head.toString()));
        return;
      }
      raw.feed(head.subarray(end + 4));
      socket.on('data', (more) => raw.feed(more));
      resolve();
    };
    socket.on('data', read);
    raw.closed.then(() => reject(new Error(`closed during the handshake: ${head}`)));
  });
  // Its answer says that the server has set the connection up.
  socket.write(frame('text', '{"type":"ping"}'));
  await raw.pass(isPong);
  if (paused) socket.pause();
  return raw;
}

module.exports = { OPCODES, Raw, connectRaw, frame };
