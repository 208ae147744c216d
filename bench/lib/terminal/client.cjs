// The client of a terminal row: a bare socket, so that what is measured is the server.
'use strict';
const { spawn } = require('node:child_process');
const crypto = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const TOKEN = 'bench-0123456789abcdefghijklmnop';
/** Far more than any header, command or exit message of ours. */
const SMALL = 4096;

/** Starts a server; what to connect to, and how much CPU it has used. */
async function serve(name) {
  const file = path.join(__dirname, 'server.cjs');
  // An empty folder to work in: what others do among all temporary files would be watched meanwhile.
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-bench-'));
  const args = [file, name, root];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const stop = () => {
    child.kill('SIGKILL');
    fs.rmSync(root, { recursive: true, force: true });
  };
  return { port: Number(line), pid: child.pid, stop };
}

/** Seconds of CPU that a process, without its children, has used (proc(5), fields 14 and 15). */
function cpu(pid) {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** A masked text frame. */
function frame(text) {
  const body = Buffer.from(text);
  const mask = crypto.randomBytes(4);
  const head =
    body.length < 126
      ? [0x81, 0x80 | body.length]
      : [0x81, 0xfe, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from(head), mask, body.map((byte, at) => byte ^ mask[at & 3])]);
}

class Client {
  #socket;
  #held = Buffer.alloc(0);
  /** Called with each message that is small enough to be looked at. */
  onMessage = () => {};
  /** Bytes of messages so far, frames' headers left out. */
  bytes = 0;

  static async connect(port, flags = '') {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    const key = crypto.randomBytes(16).toString('base64');
    const head = [
      `GET /?token=${TOKEN}${flags} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${key}`,
      'Sec-WebSocket-Version: 13',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    const client = new Client();
    client.#socket = socket;
    await new Promise((resolve, reject) => {
      let answer = Buffer.alloc(0);
      const first = (data) => {
        answer = Buffer.concat([answer, data]);
        const end = answer.indexOf('\r\n\r\n');
        if (end < 0) return;
        socket.off('data', first);
        if (!answer.includes(' 101 ')) return reject(new Error(`Error: ${answer}`));
        socket.on('data', (more) => client.#take(more));
        client.#take(answer.subarray(end + 4));
        resolve();
      };
      socket.on('data', first).once('error', reject);
    });
    return client;
  }

  say(type, data) {
    this.#socket.write(frame(JSON.stringify({ type, data })));
  }

  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  close() {
    this.#socket.destroy();
  }

  /** Walks over the frames; only small messages are looked into. */
  #take(data) {
    let bytes = this.#held.length > 0 ? Buffer.concat([this.#held, data]) : data;
    for (;;) {
      if (bytes.length < 2) break;
      let size = bytes[1] & 127;
      let start = 2;
      if (size === 126) {
        if (bytes.length < 4) break;
        size = bytes.readUInt16BE(2);
        start = 4;
      } else if (size === 127) {
        if (bytes.length < 10) break;
        size = Number(bytes.readBigUInt64BE(2));
        start = 10;
      }
      if (bytes.length < start + size) break;
      this.bytes += size;
      if ((bytes[0] & 15) === 1 && size < SMALL) {
        this.onMessage(bytes.toString('utf8', start, start + size));
      }
      bytes = bytes.subarray(start + size);
    }
    this.#held = bytes;
  }

  /** Runs a command; resolves with its exit message. */
  run(id, command, more = {}) {
    return new Promise((resolve) => {
      this.onMessage = (text) => {
        if (text.startsWith('{"type":"terminal:exit"')) resolve(JSON.parse(text).data);
        else if (text.startsWith('{"type":"error"')) throw new Error(text);
      };
      this.say('terminal:execute', { command, id, ...more });
    });
  }
}

module.exports = { Client, cpu, serve };
