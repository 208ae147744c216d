// A process with running commands: it prints their pids, and ends as the argument says.
'use strict';

const os = require('node:os');
const loopwire = require('../../../..');

async function main() {
  const [how] = process.argv.slice(2);
  const workspace = loopwire.openWorkspace(os.tmpdir(), { shell: ['/bin/sh', '-c'] });
  const stubborn = `trap '' TERM HUP INT; sleep 1000 & while :; do sleep 1; done`;
  const options = [
    { command: 'sleep 1000', pty: false },
    { command: stubborn, pty: false },
    { command: stubborn, pty: true },
    { pty: true },
  ];
  const terminals = await Promise.all(options.map((one) => workspace.terminal(one)));
  console.log(JSON.stringify({ sessions: terminals.map(({ pid }) => pid) }));
  process.stdin.once('data', () => {
    if (how === 'exit') process.exit(7);
    if (how === 'throw') throw new Error('of the application');
    if (how === 'abort') process.abort();
    if (how === 'close') workspace.close().then(() => process.stdin.destroy());
    if (how === 'unref') {
      workspace.unref();
      process.stdin.destroy();
    }
  });
}

main();
