// A forwarded port and a callback with a `debugger` statement in it: whoever debugs this stops there.
'use strict';

const { loopwire } = require('../../harness.cjs');

const [provider, port] = process.argv.slice(2);
const heard = [];
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

loopwire.configure({ idleCheckMs: 0 });
loopwire.startEventListener(0, loopwire.generateToken(), (data) => {
  heard.push(data.toString());
  // oxlint-disable-next-line no-debugger -- it is what this program is for
  debugger;
});
process.stdin.setEncoding('utf8').on('data', async (text) => {
  if (text === 'hear\n') return tell(heard);
  loopwire.setAPIHost(provider);
  loopwire.updateIpFormatAndPorts('127.0.0.1:%d', Number(port), 1);
  tell({ forwarded: await loopwire.createWithId(Number(port), '1') });
});
process.stdin.on('end', () => process.exit());
tell({ ready: true });
