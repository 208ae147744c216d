// Requests for ports that a signal cancels: what was there stays, and nothing of them goes on.
'use strict';

const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const loopwire = require('../..');
const { listeners } = require('../support/channel/client.cjs');
const { freePort } = require('../support/channel/sockets.cjs');
const { folders } = require('../support/folders.cjs');

// Registers `shutdown()` behind each test.
listeners(loopwire);
const newFolder = folders('signal');

const { forward } = loopwire;
const reason = new Error('the reason');
const ABORTED = { name: 'AbortError', code: 'ABORT_ERR', cause: reason };

const servers = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** An upstream that accepts and never answers. */
async function silent() {
  // It reads, so that it sees the end of a connection.
  const server = net.createServer((socket) => socket.on('error', () => {}).resume());
  server.listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return server;
}

describe('forward', () => {
  test('a request that is cancelled changes nothing, and the ones behind it go on', async () => {
    const server = await silent();
    const port = await freePort();
    loopwire.updateIpFormatAndPorts('127.0.0.1:%d', port, 1);
    await forward({ port, upstream: { protocol: 'direct', id: 'first' } });
    const upstream = `socks5://127.0.0.1:${server.address().port}`;
    const controllers = [new AbortController(), new AbortController()];
    const accepted = once(server, 'connection');
    const requests = controllers.map(({ signal }) => forward({ port, upstream, signal }));
    await accepted;
    // The one that waits for its turn first.
    for (const n of [1, 0]) {
      controllers[n].abort(reason);
      await expect(requests[n]).rejects.toMatchObject(ABORTED);
    }
    expect(loopwire.ports()).toMatchObject([{ port, proxyId: 'first' }]);
    await forward({ port, upstream: { protocol: 'direct', id: 'second' } });
    expect(loopwire.ports()).toMatchObject([{ port, proxyId: 'second' }]);
  });
});

/** A port that is forwarded to a proxy of a list, of which the other one never answers. */
async function forwardedPort() {
  const server = await silent();
  const port = await freePort();
  const folder = newFolder();
  const list = path.join(folder, 'list.json');
  const other = { protocol: 'socks5', host: '127.0.0.1', port: server.address().port };
  fs.writeFileSync(
    list,
    JSON.stringify([
      { id: 'a', protocol: 'direct' },
      { id: 'b', ...other },
    ]),
  );
  loopwire.updateIpFormatAndPorts('127.0.0.1:%d', port, 1);
  loopwire.setAPIHost(pathToFileURL(list).href);
  loopwire.putConfigPort(port, '{}');
  expect(await loopwire.createWithId(port, 'a')).toBe(0);
  return { port, server, other };
}

describe('rotate and testPort', () => {
  test('a rotation that is cancelled leaves the upstream, and the next one runs', async () => {
    const { port, server } = await forwardedPort();
    const controllers = [new AbortController(), new AbortController()];
    const accepted = once(server, 'connection');
    const requests = controllers.map(({ signal }) => loopwire.rotate(port, { signal }));
    const [socket] = await accepted;
    const ended = once(socket.resume(), 'close');
    for (const n of [1, 0]) {
      controllers[n].abort(reason);
      await expect(requests[n]).rejects.toMatchObject(ABORTED);
    }
    // The native work, too: its connection is closed.
    await ended;
    expect(loopwire.ports()).toMatchObject([{ port, proxyId: 'a' }]);
    await forward({ port, upstream: { protocol: 'direct', id: 'c' } });
    expect(loopwire.ports()).toMatchObject([{ port, proxyId: 'c' }]);
  });

  test('a test of a port that is cancelled ends its connection, and says nothing', async () => {
    const { port, server, other } = await forwardedPort();
    // Saved as it is: an upstream that answers once, and never again.
    const answers = net.createServer((socket) => {
      socket.once('data', () => socket.write(Buffer.from([5, 0])));
    });
    servers.push(answers);
    answers.listen(0, '127.0.0.1');
    await once(answers, 'listening');
    await forward({ port, upstream: { ...other, id: 'd', port: answers.address().port } });
    answers.removeAllListeners('connection');
    const accepted = once(answers, 'connection');
    const controller = new AbortController();
    const tested = loopwire.testPort(port, { signal: controller.signal });
    const [socket] = await accepted;
    const ended = once(socket.resume(), 'close');
    const before = loopwire.sdkGetLastError();
    controller.abort(reason);
    await expect(tested).rejects.toMatchObject(ABORTED);
    await ended;
    expect(loopwire.sdkGetLastError()).toBe(before);
    expect(loopwire.ports()).toMatchObject([{ port, online: true }]);
    server.close();
  });
});
