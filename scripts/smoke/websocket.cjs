// A WebSocket client of its own, as small as a smoke test needs: Node 20 has none, and packages may not be there.
'use strict';

const crypto = require('node:crypto');

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** A masked frame of at most 125 bytes. @param {number} opcode @param {Buffer} payload */
function frame(opcode, payload) {
  const mask = crypto.randomBytes(4);
  const masked = payload.map((byte, at) => byte ^ mask[at % 4]);
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length]), mask, masked]);
}

/** The first frame of some bytes, or null if it is not complete. @param {Buffer} bytes */
function parse(bytes) {
  if (bytes.length < 2) return null;
  const short = bytes[1] & 0x7f;
  const head = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < head) return null;
  const long = short === 127 ? Number(bytes.readBigUInt64BE(2)) : bytes.readUInt16BE(2);
  const end = head + (head === 2 ? short : long);
  if (bytes.length < end) return null;
  return { opcode: bytes[0] & 0x0f, payload: bytes.subarray(head, end), rest: bytes.subarray(end) };
}

/**
 * Connects over a socket that is open or opening, and hands over each text message.
 *
 * @param {import('node:net').Socket} socket
 * @param {string} target the path and the query
 * @param {(text: string) => void} hear
 * @returns {Promise<{close: () => Promise<void>}>} once the handshake is done
 */
function websocket(socket, target, hear) {
  const key = crypto.randomBytes(16).toString('base64');
  const accept = crypto
    .createHash('sha1')
    .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  return new Promise((resolve, reject) => {
    let bytes = /** @type {Buffer} */ (Buffer.alloc(0));
    let open = false;
    const ended = new Promise((done) => socket.once('close', done));
    const close = async () => {
      if (!socket.destroyed) socket.end(frame(CLOSE, Buffer.from([0x03, 0xe8])));
      await ended;
    };
    const handshake = () => {
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return false;
      const head = bytes.subarray(0, end).toString('latin1');
      bytes = bytes.subarray(end + 4);
      const [status] = head.split('\r\n');
      if (!status.includes(' 101 ')) reject(new Error(`the handshake was answered: ${status}`));
      else if (!head.includes(accept)) reject(new Error('the key was not accepted'));
      else resolve({ close });
      return true;
    };
    socket.on('data', (piece) => {
      bytes = Buffer.concat([bytes, piece]);
      open ||= handshake();
      if (!open) return;
      for (let next; (next = parse(bytes)); bytes = next.rest) {
        if (next.opcode === TEXT) hear(next.payload.toString());
        if (next.opcode === PING) socket.write(frame(PONG, next.payload));
        if (next.opcode === CLOSE) socket.end();
      }
    });
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('the connection ended before the handshake')));
    const ask = () =>
      socket.write(
        `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${socket.remotePort}\r\nConnection: Upgrade\r\n` +
          `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
      );
    if (socket.connecting) socket.once('connect', ask);
    else ask();
  });
}

module.exports = { websocket };
