// A process whose commands have left their sessions: it prints their pids, and ends as the argument says.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
const loopwire = require('../../../..');

const [how, root] = isMainThread ? process.argv.slice(2) : workerData;

/** What stays: it says who it is, and is one program. @param {string} name */
const stay = (name) => `sh -c 'echo $$ >${name}.new; mv ${name}.new ${name}; exec sleep 1000'`;

/** Ways to leave a session. Each command ends once its escapee has told its number. */
const WAYS = {
  setsid: `(setsid ${stay('setsid')} &)`,
  cleared: `(env -i PATH="$PATH" setsid ${stay('cleared')} &)`,
  nohup: `nohup setsid ${stay('nohup')} >/dev/null 2>&1 &`,
  stubborn: `(trap '' TERM HUP INT; setsid ${stay('stubborn')} &)`,
};

async function start() {
  const workspace = loopwire.openWorkspace(root, { shell: ['/bin/sh', '-c'] });
  const escaped = [];
  for (const [name, command] of Object.entries(WAYS)) {
    const wait = `while [ ! -e ${name} ]; do sleep 0.02; done`;
    await workspace.execute(`${command}\n${wait}`);
    escaped.push(Number(fs.readFileSync(path.join(root, name), 'utf8')));
  }
  return { workspace, escaped };
}

async function main() {
  if (!isMainThread) {
    const { escaped } = await start();
    parentPort.postMessage(escaped, []);
    return;
  }
  if (how === 'worker') {
    const worker = new Worker(__filename, { workerData: [how, root] });
    worker.once('message', (escaped) => console.log(JSON.stringify({ escaped })));
    process.stdin.once('data', async () => {
      await worker.terminate();
      // This process goes on without it.
      console.log(JSON.stringify({ terminated: true }));
    });
    return;
  }
  const { workspace, escaped } = await start();
  console.log(JSON.stringify({ escaped }));
  process.stdin.once('data', async () => {
    if (how === 'exit') process.exit(7);
    if (how === 'throw')
      queueMicrotask(() => {
        throw new Error('of the application');
      });
    if (how === 'abort') process.abort();
    if (how === 'close') await workspace.close();
    if (how === 'shutdown') await loopwire.shutdown();
    if (how === 'unref') workspace.unref();
    if (how === 'close' || how === 'shutdown') console.log(JSON.stringify({ closed: true }));
    else process.stdin.destroy();
  });
}

main();
