// A workspace, a listener before it, a proxy that cuts between them, and a client of the sandbox.
'use strict';

const crypto = require('node:crypto');
const WebSocket = require('ws');
const loopwire = require('../../..');
const { listeners, tokenOf } = require('../channel/client.cjs');
const { place } = require('../git/place.cjs');
const { Cutter } = require('./cutter.cjs');

const start = listeners(loopwire);
const open = [];

afterEach(async () => {
  for (const end of open.splice(0).toReversed()) await end();
});

/**
 * @param {any} SandboxClient
 * @param {object} [options] of the workspace, and `client` for those of the client
 */
async function sandboxed(SandboxClient, { client, ...options } = {}) {
  const { root, env } = place();
  const shell = ['/bin/sh', '-c'];
  const workspace = loopwire.openWorkspace(root, { env, shell, watch: 'onDemand', ...options });
  const cutter = await Cutter.before(0);
  // The Host header names the port of the proxy.
  const listener = start({ allowedHosts: [`127.0.0.1:${cutter.port}`] });
  cutter.redirect(listener.port);
  const token = tokenOf(listener);
  const fast = { baseDelayMs: 1, maxDelayMs: 50, stableMs: 0, WebSocket };
  const make = (more) => {
    const baseURL = `http://127.0.0.1:${cutter.port}`;
    const made = new SandboxClient({ baseURL, token, ...fast, ...client, ...more });
    open.push(() => made.close());
    return made;
  };
  open.push(
    () => workspace.close(),
    () => cutter.close(),
  );
  return { root, workspace, listener, cutter, token, make, sandbox: make() };
}

/** Cuts so often, each time after so many bytes from the listener; then it lets go. */
function cutOften(cutter, cuts, bytes) {
  const again = () => {
    if (cutter.cuts < cuts) cutter.cutAfter(bytes, again);
  };
  again();
}

const sha256 = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');

/** All that an iterable gives. */
async function all(iterable) {
  const pieces = [];
  for await (const piece of iterable) pieces.push(piece);
  return pieces;
}

/** The code that a Promise rejects with. */
const code = (promise) =>
  promise.then(
    () => 'nothing',
    (error) => error.code,
  );

const text = (bytes) => Buffer.from(bytes).toString();

module.exports = { all, code, cutOften, sandboxed, sha256, text };
