// The processes around a forwarding subject: both ends from bench/native/forward, and the peers.
'use strict';
const { execFileSync, spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const net = require('node:net');
const { setTimeout: delay } = require('node:timers/promises');
const paths = require('../paths.cjs');

/** How long a peer may take to listen. */
const START_MS = 5000;
/** How much longer than its time a generator may take: handshakes through a slow peer, warming up. */
const PATIENCE_MS = 20_000;

/** The program's path, also where Debian puts what root runs; undefined without it. */
function which(name) {
  const PATH = `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`;
  const found = spawnSync('sh', ['-c', `command -v ${name}`], { env: { PATH }, encoding: 'utf8' });
  return found.stdout?.trim() || undefined;
}

/** A command line whose process the kernel ends with this one, however this one ends. */
function bound(program, args) {
  return ['setpriv', ['--pdeathsig', 'KILL', program, ...args]];
}

async function listening(port) {
  for (const deadline = Date.now() + START_MS; Date.now() < deadline; await delay(20)) {
    const socket = net.connect(port, '127.0.0.1');
    const open = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
  }
  throw new Error(`Error: nothing listens on ${port}`);
}

/** A peer that listens on `port`. */
async function peer(port, name, args) {
  const child = spawn(...bound(which(name), args), { stdio: 'ignore' });
  await listening(port);
  if (child.exitCode !== null) throw new Error(`${name} ended by ${child.exitCode}`);
  return { pid: child.pid, port };
}

/** Starts the upstream; resolves to its port. */
async function origin() {
  const child = spawn(...bound(paths.forward, ['origin']), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return Number(line);
}

/** A generator's command line. */
function generator(command, { port, way, target, pid }, options) {
  const all = { port, way, target, pid, ...options };
  const given = Object.entries(all).filter(([, value]) => value !== undefined && value !== false);
  const list = given.flatMap(([name, value]) => [`--${name}`, ...(value === true ? [] : [value])]);
  return bound(paths.forward, [command, ...list.map(String)]);
}

/** Runs a generator against a proxy; what it measured. */
async function load(command, proxy, options) {
  const child = spawn(...generator(command, proxy, options), {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: options.seconds * 1000 + PATIENCE_MS,
  });
  let out = '';
  for await (const data of child.stdout) out += data;
  if (!out) throw new Error(`${command}: the generator gave up`);
  return JSON.parse(out);
}

/** The same with JavaScript blocked until the generator is through. */
function loadBlocking(command, proxy, options) {
  const out = execFileSync(...generator(command, proxy, options), {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: options.seconds * 1000 + PATIENCE_MS,
  });
  return JSON.parse(out);
}

/** Opens that many connections and holds them while `look` looks. */
async function hold(proxy, count, look) {
  const child = spawn(...generator('idle', proxy, { count }), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const [line] = await Promise.race([once(child.stdout, 'data'), closed]);
  if (String(line) !== 'open\n') throw new Error('the connections could not be opened');
  const seen = look();
  child.stdin.end();
  await closed;
  return seen;
}

module.exports = { hold, load, loadBlocking, origin, peer, which };
