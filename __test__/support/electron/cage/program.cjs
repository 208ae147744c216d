// Everything that hands bytes to JavaScript: events in each format, messages of clients, output of commands, files, a diff.
'use strict';

const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const WebSocket = require('ws');
const loopwire = require('../../../..');

async function main() {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-cage-'));
  const token = loopwire.generateToken();
  const bytes = { events: 0, messages: 0 };
  const listeners = ['buffer', 'string', 'object'].map((format) =>
    loopwire.startEventListener(0, token, (data) => (bytes.events += data.length ?? 1), {
      format,
      onMessage: (data) => (bytes.messages += data.length),
    }),
  );
  for (let n = 0; n < 5_000; n += 1) loopwire.emit('my:event', { n, text: 'x'.repeat(100) });
  await loopwire.drained();
  const iterated = loopwire.startEventListener(0, token);
  loopwire.emit('my:event', 'one');
  for await (const event of iterated) {
    bytes.iterated = event.length;
    break;
  }

  const socket = new WebSocket(`ws://127.0.0.1:${listeners[0].port}/ws?token=${token}&v=1`);
  await once(socket, 'open');
  socket.send(Buffer.alloc(100_000), { binary: true });
  socket.send('{"type":"my:message"}');
  socket.send('text of the application');

  const workspace = loopwire.openWorkspace(root, { watch: 'onDemand' });
  await workspace.writeFile('a.txt', Buffer.alloc(300_000, 'a'));
  bytes.file = (await workspace.readFile('a.txt')).toString().replaceAll(/[^a]/g, '').length;
  bytes.stdout = (await workspace.execute('head -c 300000 a.txt')).stdout.length;
  const terminal = await workspace.terminal({ command: 'cat a.txt', pty: false });
  bytes.terminal = 0;
  for await (const data of terminal.output) bytes.terminal += data.length;
  while (bytes.messages === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  socket.terminate();
  await workspace.close();
  await loopwire.shutdown();
  fs.rmSync(root, { recursive: true, force: true });
  console.log(JSON.stringify(bytes));
}

main();
