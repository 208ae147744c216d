// Proxies that nobody here wrote, as upstreams: microsocks and tinyproxy.
'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, deadPort, isFree, until } = require('./forwarding.cjs');
const { tool } = require('./needs.cjs');

/** Runs a daemon in the foreground until the test is over. */
async function run(program, args, port) {
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  after(stop);
  await until(async () => !(await isFree(port)), `${program} on ${port}`);
  return { port, stop };
}

/** @param {{username: string, password: string}} [credentials] @param {number} [at] */
async function microsocks(credentials, at) {
  const port = at ?? (await deadPort());
  const login = credentials ? ['-u', credentials.username, '-P', credentials.password] : [];
  return run(tool('microsocks'), ['-i', '127.0.0.1', '-p', `${port}`, ...login], port);
}

/** @param {{username: string, password: string}} [credentials] @param {number} [at] */
async function tinyproxy(credentials, at) {
  const port = at ?? (await deadPort());
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-tinyproxy-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'tinyproxy.conf');
  const lines = [`Port ${port}`, 'Listen 127.0.0.1', 'Allow 127.0.0.1', 'Timeout 20'];
  if (credentials) lines.push(`BasicAuth ${credentials.username} ${credentials.password}`);
  fs.writeFileSync(file, `${lines.join('\n')}\n`);
  return run(tool('tinyproxy'), ['-d', '-c', file], port);
}

module.exports = { microsocks, tinyproxy };
