// Prints what changes in a folder, as events: `node examples/node FOLDER`, until Ctrl+C.
//
// Other programs get the same events if they connect to the address, with the token of the variable TOKEN.
'use strict';

const { generateToken, openWorkspace, shutdown, startEventListener } = require('loopwire');

async function main(folder = '.') {
  const token = process.env.TOKEN ?? generateToken();
  // Without a callback the events are iterated.
  const listener = startEventListener(0, token, undefined, { format: 'object' });
  const workspace = openWorkspace(folder);
  const watch = workspace.watch('.');
  await watch.ready;
  console.log(`watching ${workspace.root}; events at ws://127.0.0.1:${listener.port}`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void shutdown());
  for await (const { type, data } of listener) {
    if (type === 'file:changed') console.log(data.changeType, data.path);
  }
}

main(process.argv[2]);
