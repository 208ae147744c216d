// Starts and ends Workers, one after another or several at once, and prints what they left.
//
//   workers.cjs <how many> <mode> [how many at once]
'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { createInterface } = require('node:readline');
const { setTimeout: sleep } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');

const [, , count, mode, atOnce = '1'] = process.argv;
const token = 'a-token-that-nobody-guesses';
const threads = () => fs.readdirSync('/proc/self/task').length;
const descriptors = () => fs.readdirSync('/proc/self/fd').length;
const resident = () => process.memoryUsage.rss() / 1e6;

async function isFree(port) {
  const server = net.createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

// The clients live in another process: their memory is not the Workers'.
const clients = spawn(
  process.execPath,
  [path.join(__dirname, 'clients.cjs'), '0', token, 'follow'],
  {
    stdio: ['pipe', 'pipe', 'inherit'],
  },
);
const followed = new Map();
createInterface({ input: clients.stdout }).on('line', (line) => {
  followed.get(JSON.parse(line).port)?.();
});

function follow(port, wait) {
  clients.stdin.write(`${port}\n`);
  return wait ? new Promise((resolve) => followed.set(port, resolve)) : undefined;
}

async function one(round) {
  const worker = new Worker(path.join(__dirname, 'worker.cjs'), { workerData: { mode, token } });
  const exited = new Promise((resolve) => worker.on('exit', resolve));
  const told = new Promise((resolve) => worker.once('message', resolve));
  worker.on('error', () => {});
  const { port } = await told;
  // A client that is connected, or about to be.
  if (port) await follow(port, round % 2 === 0);
  if (!['exit', 'throw'].includes(mode)) await worker.terminate();
  const code = await exited;
  if (port) await isFree(port);
  return code;
}

async function rounds(number) {
  const codes = new Set();
  for (let round = 0; round < number; round += Number(atOnce)) {
    const batch = Array.from({ length: Number(atOnce) }, (_, n) => one(round + n));
    for (const code of await Promise.all(batch)) codes.add(code);
  }
  global.gc?.();
  return [...codes];
}

/** Threads end in their own time, a moment after their Worker. */
async function settled(look, wanted) {
  for (let tries = 0; tries < 100 && look() > wanted; tries += 1) await sleep(20);
  return look() - wanted;
}

(async () => {
  await rounds(Math.min(10, Number(count)));
  await sleep(200);
  const before = { threads: threads(), descriptors: descriptors(), resident: resident() };
  const codes = await rounds(Number(count));
  const left = await settled(threads, before.threads);
  console.log(
    JSON.stringify({
      codes,
      threads: left,
      descriptors: await settled(descriptors, before.descriptors),
      megabytes: resident() - before.resident,
    }),
  );
  clients.stdin.end();
})();
