// Starts the counting client (bench/native/count) and waits for what it saw.
'use strict';
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const readline = require('node:readline');
const paths = require('./paths.cjs');

const NANOSECONDS = ['requested', 'started', 'first', 'last'];

/**
 * Connects a client that ends after `events` events. `client.open` resolves once its upgrade is answered,
 * `client.go()` lets a held one read, `client.result` resolves to what it counted; times are BigInt.
 */
function connect({ port, path = '/ws/bench', events, lone, spin, hold, send, match, at }) {
  const args = ['--port', port, '--path', path, '--events', events];
  if (match) args.push('--match', match, '--at', at);
  if (send) args.push('--send', send);
  if (lone) args.push('--lone');
  if (spin) args.push('--spin');
  if (hold) args.push('--hold');
  const child = spawn(paths.count, args.map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  ended.catch(() => {});
  // Whatever ends this process by itself: no client stays behind, with nobody to tell what it has seen.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('close', () => process.off('exit', end));
  // An iterator keeps a line that comes before it is asked for; `once` would miss it.
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => (await lines.next()).value;
  const upgrade = async () => {
    const first = await line();
    if (first !== 'open') throw new Error(`the client was refused: ${first}`);
  };
  const count = async () => {
    await open;
    const counted = await line();
    // The round ends no sooner than its client.
    const [code, signal] = await ended;
    if (code !== 0 || counted === undefined) {
      throw new Error(`Error: the client ended by ${signal ?? code}, having counted nothing`);
    }
    const seen = JSON.parse(counted);
    for (const key of NANOSECONDS) seen[key] = BigInt(seen[key]);
    if (seen.events !== events) {
      throw new Error(`${seen.events} of ${events} events, then ${seen.ended} ${seen.close || ''}`);
    }
    return seen;
  };
  const open = upgrade();
  const result = count();
  result.catch(() => {});
  return { open, result, go: () => child.stdin.end('go\n') };
}

/** Rate and volume from `began` to the client's last byte. */
function rate(seen, began) {
  const seconds = Number(seen.last - began) / 1e9;
  return { rate: seen.events / seconds / 1e6, mbs: seen.bytes / seconds / 1e6 };
}

module.exports = { connect, rate };
