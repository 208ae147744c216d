// Forwards ports while its saved data lies on a full disk, and prints what each function says.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { loopwire, native } = require('../../harness.cjs');

const [disk, start] = process.argv.slice(2);
const first = Number(start);
const dir = path.join(disk, 'saved');
const filler = path.join(disk, 'filler');
const say = (message) => console.log(JSON.stringify(message));

/** Writes until nothing fits any more. */
function fill() {
  const file = fs.openSync(filler, 'w');
  try {
    for (;;) fs.writeSync(file, Buffer.alloc(4096));
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error;
  } finally {
    fs.closeSync(file);
  }
}

const reason = (promise) =>
  promise.then(
    () => 'resolved',
    ({ code, port, path: file, cause }) => [code, port - first, file === cause.path, cause.code],
  );

async function work() {
  native.harness.order('forward:store');
  loopwire.updateIpFormatAndPorts('127.0.0.1:%d', first, 3);
  const list = path.join(disk, 'list.json');
  fs.writeFileSync(list, JSON.stringify([{ id: 'a', protocol: 'direct' }]));
  loopwire.setAPIHost(`file://${list}`);
  if (loopwire.setSaveDataPath(dir) !== 0) throw new Error(loopwire.sdkGetLastError());
  const told = [];
  loopwire.startEventListener(
    0,
    loopwire.generateToken(),
    ({ type, payload }) => told.push([type, payload]),
    {
      format: 'object',
    },
  );
  const saved = () => JSON.parse(fs.readFileSync(path.join(dir, 'forwards.json'))).ports;
  // An event of ours comes behind all of theirs.
  const marked = async () => {
    loopwire.emit('test:mark');
    while (told.at(-1)?.[0] !== 'test:mark') await new Promise(setImmediate);
  };
  const before = await loopwire.createWithId(first, 'a');
  await marked();
  told.length = 0;
  fill();
  const results = [
    await loopwire.createWithId(first + 1, 'a'),
    await reason(loopwire.forward({ port: first + 2, upstream: 'direct:' })),
    await reason(loopwire.forward({ port: first, upstream: 'direct:', requestId: 'again' })),
  ];
  const error = loopwire.sdkGetLastError();
  await marked();
  const ends = told.filter(([type]) => type === 'proxyError' || type === 'forwardListCompleted');
  const ports = loopwire.ports().map(({ port, proxyId }) => [port, proxyId]);
  say({ before, results, error, ends, ports, saved: saved().map(({ port }) => port) });
  fs.rmSync(filler);
  say({
    after: await loopwire.createWithId(first + 1, 'a'),
    saved: saved().map(({ port }) => port),
  });
  await loopwire.shutdown();
}

void work();
