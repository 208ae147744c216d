// What the client does on every platform. Nothing of Node, Bun, Deno or a browser is used, and no test runner: each
// test is a function that throws if the client does not do what its name says.
//
// A test gets `make(options)` and `sandbox(options)`, which give a client of the lab, and `steer(order, details)`, which has
// the lab do something.

/** Far longer than anything takes. */
const PATIENCE_MS = 15_000;

function equal(got, expected, what) {
  const [a, b] = [got, expected].map((one) => JSON.stringify(one));
  if (a !== b) throw new Error(`${what}: ${a} instead of ${b}`);
}

/** Resolves to the first value for which `accept` holds that a listener of this name gets. */
function heard(client, name, accept = () => true) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no ${name} came`)), PATIENCE_MS);
    const listener = (value) => {
      if (!accept(value)) return;
      clearTimeout(late);
      client.off(name, listener);
      resolve(value);
    };
    client.on(name, listener);
  });
}

const state = (client, name) => heard(client, 'statechange', (one) => one.name === name);

/** The first `count` events of this type. */
async function collect(client, type, count) {
  const got = [];
  const done = heard(client, type, ({ data }) => got.push(data.at) === count);
  return { got, done };
}

/** All bytes that an iterable gives, as one text. */
async function textOf(iterable) {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of iterable) text += decoder.decode(bytes, { stream: true });
  return text + decoder.decode();
}

/** The sum of the workspace's own sha256sum is what a test compares. */
const sumOf = async (bytes) => {
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(sum, (byte) => byte.toString(16).padStart(2, '0')).join('');
};

const numbers = (count) => Array.from({ length: count }, (_, at) => at);

export const tests = {
  async 'a client connects, and its listeners get events by their type'({ make, steer }) {
    const client = make();
    equal(client.state.name, 'idle', 'the state before');
    await client.connect();
    equal(client.state.name, 'open', 'the state after');
    const { got, done } = await collect(client, 'every:first', 3);
    const once = heard(client, 'event', ({ type }) => type === 'every:first');
    await steer('emit', { type: 'every:first', count: 3 });
    await done;
    equal(got, [0, 1, 2], 'what came');
    equal((await once).data, { at: 0 }, 'the first event');
  },

  async 'a loop gets the events, and ends with the client'({ make, steer }) {
    const client = make();
    const loop = (async () => {
      const got = [];
      for await (const event of client) {
        if (event.type === 'every:loop') got.push(event.data.at);
        if (got.length === 5) break;
      }
      return got;
    })();
    await client.connect();
    await steer('emit', { type: 'every:loop', count: 5 });
    equal(await loop, numbers(5), 'what the loop got');
  },

  async 'what is published while the connection is cut comes afterwards, once and in order'({
    make,
    steer,
  }) {
    const client = make();
    await client.connect();
    const { got, done } = await collect(client, 'every:cut', 1_000);
    for (let round = 0; round < 5; round += 1) {
      const back = state(client, 'open');
      // Somewhere inside of a message, most likely.
      await steer('cutAfter', { bytes: 3_333 });
      await steer('emit', { type: 'every:cut', from: round * 200, count: 200 });
      await back;
    }
    await done;
    equal(got, numbers(1_000), 'what came');
  },

  async 'binary messages travel in both directions'({ make }) {
    const client = make({ binary: true });
    await client.connect();
    const echo = heard(client, 'binary');
    const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 251);
    client.sendBinary(7, 2 ** 40, bytes);
    const { stream, offset, bytes: got } = await echo;
    equal([stream, offset, got.length], [7, 2 ** 40, 70_000], 'its head');
    for (const [at, byte] of got.entries()) if (byte !== bytes[at]) throw new Error(`byte ${at}`);
  },

  async 'a reliable message has its effect once, in order, however often the connection is cut'({
    make,
    steer,
  }) {
    const client = make();
    const sent = numbers(300).map((at) => client.send({ type: 'every:reliable', at }));
    const opened = client.connect();
    for (let round = 0; round < 5; round += 1) {
      await steer('cutAfterSent', { bytes: 2_500 });
      if (round === 0) await opened;
    }
    await Promise.all(sent);
    await steer('cut');
    await client.send({ type: 'every:reliable', at: 300 });
    const got = await steer('messages', { of: 'every:reliable', count: 301 });
    equal(
      got.map((text) => JSON.parse(text).at),
      numbers(301),
      'what the application got',
    );
    equal(client.pending(), [], 'what is pending');
  },

  async 'without a connection, drop drops and latest keeps the newest'({ make, steer }) {
    const client = make();
    equal(client.send({ type: 'every:drop' }, { mode: 'drop' }), false, 'drop');
    const old = client.send('every:latest old', { mode: 'latest', key: 'a' });
    const fresh = client.send('every:latest fresh', { mode: 'latest', key: 'a' });
    await client.connect();
    equal(await Promise.all([old, fresh]), [false, true], 'the results');
    equal(
      client.send({ type: 'every:drop', open: true }, { mode: 'drop' }),
      true,
      'drop while open',
    );
    await client.send('every:after');
    await steer('messages', { of: 'every:after', count: 1 });
    const got = await steer('messages', { of: 'every:' });
    const mine = got.filter((text) => /latest|drop/.test(text));
    equal(
      mine,
      ['every:latest fresh', '{"type":"every:drop","open":true}'],
      'what the application got',
    );
  },

  async 'a listener that was started anew leaves the outcome unknown, unless the message may be repeated'({
    make,
    steer,
  }) {
    const client = make();
    await client.connect();
    const lost = state(client, 'waiting');
    await steer('refuse', { on: true });
    // They are on the way, and nobody will say what became of them.
    await steer('cutAfterSent', { bytes: 10 });
    const once = client.send('every:once').catch(({ code }) => code);
    const again = client.send('every:again', { repeat: true }).catch(({ code }) => code);
    await lost;
    await steer('restart');
    await steer('refuse', { on: false });
    equal([await once, await again], ['OUTCOME_UNKNOWN', undefined], 'the results');
    equal(await steer('messages', { of: 'every:again', count: 1 }), ['every:again'], 'what came');
    equal(await steer('messages', { of: 'every:once' }), [], 'what did not');
  },

  async 'a wrong token ends it, and says so'({ make }) {
    const client = make({ token: 'a-token-that-nobody-has' });
    const error = await client.connect().catch((error) => error);
    equal([error.code, error.status], ['UNAUTHORIZED', 401], 'the reason');
    equal(client.state.name, 'closed', 'the state');
  },

  async 'a connection that the application ends is not made again'({ make, steer }) {
    const client = make();
    await client.connect();
    const closed = state(client, 'closed');
    await steer('disconnect', { id: client.state.connectionId });
    const { reason } = await closed;
    equal([reason.code, reason.closeCode], ['DISCONNECTED', 4001], 'the reason');
  },

  async 'a listener that is not there is tried again until it is'({ make, steer }) {
    await steer('refuse', { on: true });
    const client = make();
    const waiting = state(client, 'waiting');
    const opened = client.connect();
    const { reason } = await waiting;
    equal(typeof reason.code, 'string', 'the reason');
    await steer('refuse', { on: false });
    await opened;
    equal(client.state.name, 'open', 'the state');
  },

  async 'a sandbox runs commands, and has files, watches and snapshots'({ sandbox }) {
    const box = sandbox();
    const { exitCode, stdout } = await box.execute('cat; exit 3', { input: 'grüß' });
    equal([exitCode, stdout], [3, 'grüß'], 'the command');
    const watch = box.watch('.');
    await watch.ready;
    await box.files.write('every/a', 'hello', { parents: true });
    for await (const { changeType, path } of watch) {
      if (!path.endsWith('/a')) continue;
      equal(changeType, 'created', 'the change');
      break;
    }
    equal(await box.files.readText('every/a'), 'hello', 'the file');
    const bytes = Uint8Array.from({ length: 3_000_000 }, (_, at) => (at * at) % 251);
    const { sha256 } = await box.writeFile('every/b', bytes);
    equal(sha256, await sumOf(bytes), 'what was written');
    equal(await sumOf(await box.readFile('every/b')), sha256, 'what was read');
    equal(await box.snapshots.list(), [], 'the snapshots');
    equal(await box.ports.list(), [], 'the ports');
  },

  async 'a terminal goes on at its byte in both directions, however often the connection is cut'({
    sandbox,
    steer,
  }) {
    const box = sandbox();
    const terminal = await box.terminal.create({ command: 'exec cat', pty: false });
    const bytes = Uint8Array.from({ length: 2_000_000 }, (_, at) => 97 + ((at * at) % 25));
    const { cuts } = await steer('cutBothWays', { times: 6, bytes: 200_000 });
    const output = textOf(terminal.output);
    const written = [];
    for (let at = 0; at < bytes.length; at += 99_999) {
      written.push(terminal.write(bytes.subarray(at, at + 99_999)));
    }
    terminal.eof();
    await Promise.all(written);
    const text = await output;
    equal(text.length, bytes.length, 'how much came back');
    equal(text === new TextDecoder().decode(bytes), true, 'what came back');
    equal((await terminal.exit).exitCode, 0, 'the exit');
    // The last may have come behind the end.
    equal((await steer('where')).cuts - cuts >= 4, true, 'the cuts');
  },

  async 'a pseudo-terminal takes text, bytes, a size and its end'({ sandbox }) {
    const box = sandbox();
    const command = 'stty -echo; echo ready; read line; stty size; exec od -An -tx1';
    const terminal = await box.terminal({ command, cols: 90, rows: 20 });
    let text = '';
    for await (const bytes of terminal.output) {
      text += new TextDecoder().decode(bytes);
      // Not before: it would be shown as typed.
      if (text.trim() !== 'ready') continue;
      terminal.resize(100, 30);
      await terminal.write('x\n');
      await terminal.write(Uint8Array.of(0xff, 0x80, 10));
      terminal.eof();
    }
    equal(text.split(/\s+/).filter(Boolean).join(' '), 'ready 30 100 ff 80 0a', 'what it said');
    const other = await box.terminal({ command: 'exec sleep 60' });
    await other.close();
    equal((await other.exit).signal, 'SIGTERM', 'how the other ended');
  },

  async "a sandbox's connection opens, gives parsed messages, and ends with disconnect"({
    sandbox,
  }) {
    const box = sandbox();
    equal(await box.websocket.isConnected(), false, 'before');
    const socket = await box.websocket.connect();
    await heard(socket, 'open');
    const exit = heard(socket, 'message', ({ type }) => type === 'terminal:exit');
    socket.send(JSON.stringify({ type: 'terminal:execute', data: { command: 'exit 7' } }));
    equal((await exit).data.exitCode, 7, 'the exit');
    equal(await box.websocket.isConnected(), true, 'meanwhile');
    equal((await box.websocket.getConnections()).length, 1, 'the connections');
    const closed = heard(socket, 'close');
    await box.websocket.disconnect();
    equal((await closed).willReconnect, false, 'the close');
    equal(socket.readyState, socket.CLOSED, 'afterwards');
  },

  async 'after close() nothing comes, and what waits is rejected'({ make, steer }) {
    const client = make();
    await client.connect();
    const got = [];
    client.on('every:late', (event) => got.push(event));
    await client.close();
    equal(client.state.name, 'closed', 'the state');
    await steer('emit', { type: 'every:late', count: 3 });
    const code = await client.send('late').catch((error) => error.code);
    equal([code, got.length], ['CLOSED', 0], 'afterwards');
  },
};
