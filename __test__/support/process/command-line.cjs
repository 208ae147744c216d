// The command line as a child process, and a TCP proxy between it and a listener.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const tls = require('node:tls');
const { Inbox } = require('../inbox.cjs');
const { root, run } = require('./program.cjs');

const bin = path.join(root, 'bin', 'loopwire.js');

/** The environment of a command: nothing of this one that would change what it says. */
function environment(env) {
  const { NAPI_RS_NATIVE_LIBRARY_PATH: _, LOOPWIRE_TOKEN: __, ...rest } = process.env;
  for (const name of ['NO_COLOR', 'FORCE_COLOR', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE']) {
    delete rest[name];
  }
  return { ...rest, ...env };
}

/** Runs `loopwire …`. Its standard output is an inbox of lines, `complaints` is one of what it says on standard error. */
function loopwire(args, { env = {}, under = [], program = bin, ...options } = {}) {
  const [command, ...rest] = [...under, process.execPath, program, ...args];
  const child = run(command, rest, { env: environment(env), ...options });
  child.complaints = new Inbox();
  readline
    .createInterface({ input: child.process.stderr })
    .on('line', (line) => child.complaints.push(line));
  return child;
}

/** The same to its end: code, standard error, and all lines. */
async function finished(args, options) {
  const child = loopwire(args, options);
  child.process.stdin.end();
  const { code, signal, errors } = await child.ended;
  return { code, signal, errors, lines: child.drain() };
}

/** Whatever a test opened and has to be gone behind it. */
const endings = new Set();

afterEach(async () => {
  for (const end of endings) await end();
  endings.clear();
});

/** A file that is gone with its test. */
function file(name, text, mode = 0o600) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-cli-'));
  endings.add(() => fs.rmSync(folder, { recursive: true, force: true }));
  const where = path.join(folder, name);
  fs.writeFileSync(where, text, { mode });
  // Whatever the mask of this process is.
  fs.chmodSync(where, mode);
  return where;
}

/**
 * A port in front of another one. `to` may be set later, and `limit()` says how many bytes come back before a connection is
 * cut; with `identity`, TLS ends here.
 */
async function tcpProxy({ limit = () => Infinity, identity } = {}) {
  const sockets = new Set();
  const state = { port: 0, to: 0, cuts: 0, connections: 0, identity };
  function serve(client) {
    state.connections += 1;
    const upstream = net.connect(state.to, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    let left = limit();
    upstream.on('data', (bytes) => {
      const part = bytes.subarray(0, left);
      left -= part.length;
      if (left > 0) return client.write(part);
      state.cuts += 1;
      client.write(part, () => client.destroy());
      return upstream.destroy();
    });
  }
  const server = identity
    ? tls.createServer({ cert: identity.cert, key: identity.key }, serve)
    : net.createServer(serve);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.port = server.address().port;
  endings.add(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return state;
}

module.exports = { bin, environment, file, finished, tcpProxy, loopwire };
