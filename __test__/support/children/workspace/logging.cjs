// Hands a secret to each part that takes one, has each part fail, and ends. What is written about it is the test's.
'use strict';

const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { freeRange } = require('../../../../examples/demo/ports.cjs');
const loopwire = require('../../../..');
const { Peer, connect, urls } = require('../../channel/peer.cjs');

const secret = (name) => `${name}-secret-of-this-test`;

/** A listener: right tokens, wrong ones, and the one after a rotation. */
async function listen() {
  const listener = loopwire.startEventListener(0, secret('token'), () => {});
  const client = await connect(urls.v1(listener.port, secret('token')));
  client.ws.send(JSON.stringify({ type: 'ping', id: secret('message') }));
  await new Peer(urls.sdk(listener.port, secret('guess'))).closed;
  const headers = { Authorization: `Bearer ${secret('header')}` };
  await fetch(`http://127.0.0.1:${listener.port}/metrics`, { headers });
  listener.rotateToken(secret('rotated'));
  await client.closed;
  return connect(urls.v1(listener.port, secret('rotated')));
}

/** A port whose upstream is not there, and a client that shows other credentials. */
async function forward() {
  const port = await freeRange(4);
  loopwire.updateIpFormatAndPorts('127.0.0.1:%d', port, 3);
  loopwire.setAPIHost('http://127.0.0.1:1/list');
  loopwire.setHeader('x-api-key', secret('key'));
  const credentials = { username: 'alice', password: secret('upstream') };
  const upstream = { id: 'one', protocol: 'http', host: '127.0.0.1', port: 1, ...credentials };
  const auth = { username: 'alice', password: secret('local') };
  const failed = await loopwire.forward({ port, upstream, auth }).catch((error) => error.code);
  const direct = { id: 'two', protocol: 'direct' };
  await loopwire.forward({ port, upstream: direct, auth });
  const client = net.connect(port, '127.0.0.1');
  const shown = Buffer.from(`alice:${secret('wrong')}`).toString('base64');
  client.write(`CONNECT localhost:1 HTTP/1.1\r\nProxy-Authorization: Basic ${shown}\r\n\r\n`);
  client.resume();
  await once(client, 'close');
  return failed;
}

/** A shell that is not there, with a variable that is nobody's business. */
async function execute() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-log-'));
  const shell = [path.join(folder, 'no-such-shell')];
  try {
    const workspace = loopwire.openWorkspace(folder, { shell, env: { KEY: secret('variable') } });
    return await workspace.execute(`echo ${secret('command')}`).catch((error) => error.code);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

async function main() {
  const client = await listen();
  const refused = [await execute(), await forward()];
  client.terminate();
  await loopwire.shutdown();
  console.log(JSON.stringify(refused));
}

main();
