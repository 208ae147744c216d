// Clones twice over its own listener, with credentials in the command and with ones that it is asked for; prints all
// that it hears.
'use strict';

const fs = require('node:fs');
const WebSocket = require('ws');
const loopwire = require('../../..');

const [root, url, env, auth] = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const { username, password } = JSON.parse(auth);
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const token = loopwire.generateToken();
const listener = loopwire.startEventListener(0, token, (event) => say({ event: event.toString() }));
loopwire.openWorkspace(root, { env: JSON.parse(env) });
const socket = new WebSocket(`ws://127.0.0.1:${listener.port}/?token=${token}`);
const send = (type, data) => socket.send(JSON.stringify({ type, data }));
const done = [];
socket.on('open', () => {
  send('git:clone', { url, targetDir: 'a', id: 'a', auth: { username, password } });
  send('git:clone', { url, targetDir: 'b', id: 'b' });
});
socket.on('message', async (text) => {
  const { type, data } = JSON.parse(text);
  say({ message: text.toString() });
  if (type === 'git:credentialsRequired') {
    send('git:credentials', { id: data.id, [data.kind]: { username, password }[data.kind] });
  }
  if (type === 'git:complete' || type === 'git:error') done.push(type);
  if (done.length === 2) {
    await loopwire.shutdown();
    say({ done });
  }
});
