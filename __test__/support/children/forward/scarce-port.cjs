// A forwarded port in a process with few descriptors; prints its CPU time on demand.
'use strict';

const { loopwire, native } = require('../../harness.cjs');

const [provider, port] = process.argv.slice(2);
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

async function main() {
  loopwire.configure({ idleCheckMs: 0 });
  loopwire.setAPIHost(provider);
  loopwire.updateIpFormatAndPorts('127.0.0.1:%d', Number(port), 1);
  tell({ forwarded: await loopwire.createWithId(Number(port), '1') });
  process.stdin.on('data', () =>
    tell({
      cpu: native.harness.cpu().processMs,
      tasks: native.harness.tasks(),
      config: JSON.parse(loopwire.getConfigJSON(Number(port))),
    }),
  );
  process.stdin.on('end', () => process.exit());
}

main();
