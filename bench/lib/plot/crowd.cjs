// Many WebSocket clients in one process, so that the server's memory and CPU time are its own. Forked by the row
// `connections`; `Crowd` is the side of the server.
'use strict';
const { fork } = require('node:child_process');
const { once } = require('node:events');
const net = require('node:net');

/** So many are opened at once: fewer than a listener lets wait with half a request. */
const AT_ONCE = 32;
const HEAD_END = '\r\n\r\n';

/** The clients of one server. */
class Crowd {
  #child = fork(__filename, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });

  async #ask(message) {
    this.#child.send(message);
    const [answer] = await once(this.#child, 'message');
    if (answer.error) throw new Error(`Error: ${answer.error}`);
  }

  /** Resolves once so many more are open. */
  open(port, path, more) {
    return this.#ask({ port, path, more });
  }

  /** Has them count from now on. Resolves to a function that resolves once all together have received so many bytes. */
  async expect(bytes) {
    await this.#ask({ bytes });
    const done = once(this.#child, 'message');
    return () => done;
  }

  end() {
    this.#child.kill();
  }
}

function connect(port, path, received) {
  return new Promise((resolve, reject) => {
    let head = '';
    const socket = net.connect(port, '127.0.0.1').on('error', reject);
    socket.on('close', () => reject(new Error('the connection was closed')));
    socket.on('data', function upgraded(data) {
      head += data.toString('latin1');
      if (!head.includes(HEAD_END)) return;
      socket.off('data', upgraded).on('data', (frames) => received(frames.length));
      if (head.startsWith('HTTP/1.1 101')) resolve(socket);
      else reject(new Error(head.split('\r\n')[0]));
    });
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13${HEAD_END}`,
    );
  });
}

/** The process of the clients. */
function serve() {
  let missing = Infinity;
  const received = (bytes) => {
    missing -= bytes;
    if (missing > 0) return;
    missing = Infinity;
    process.send({});
  };
  const answer = async ({ port, path, more, bytes }) => {
    if (bytes !== undefined) missing = bytes;
    for (let left = more ?? 0; left > 0; left -= AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, left) });
      await Promise.all(some.map(() => connect(port, path, received)));
    }
    process.send({});
  };
  process.on('message', (message) =>
    answer(message).catch((error) => process.send({ error: error.message })),
  );
  process.on('disconnect', () => process.exit());
}

module.exports = { Crowd };

if (require.main === module) serve();
