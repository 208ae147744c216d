// A shell in a page, with xterm.js: `node examples/xterm/server.js FOLDER`, and open the address that it prints.
//
// Whoever has the token may run commands as you: give the address to nobody.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { generateToken, openWorkspace, shutdown, startEventListener } = require('loopwire');

const XTERM = path.dirname(require.resolve('@xterm/xterm/package.json'));
const FOLDERS = {
  '/client/': path.dirname(require.resolve('loopwire/client')),
  '/xterm/': XTERM,
  '/': __dirname,
};
const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
};

const token = generateToken();
const listener = startEventListener(0, token, () => {});
const workspace = openWorkspace(process.argv[2] ?? '.', { watch: 'onDemand' });

const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://127.0.0.1');
  const asked = pathname === '/' ? '/index.html' : pathname;
  const [prefix, folder] = Object.entries(FOLDERS).find(([prefix]) => asked.startsWith(prefix));
  const file = path.join(folder, asked.slice(prefix.length));
  const type = TYPES[path.extname(file)];
  if (!type || !fs.existsSync(file)) return void response.writeHead(404).end();
  const own = `127.0.0.1:${listener.port}`;
  // xterm.js makes style elements. Scripts come from here alone.
  const policy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
    `connect-src ws://${own} http://${own}`;
  response.writeHead(200, { 'content-type': type, 'content-security-policy': policy });
  fs.createReadStream(file).pipe(response);
});

server.listen(0, '127.0.0.1', () => {
  const fragment = `port=${listener.port}&token=${token}`;
  console.log(`http://127.0.0.1:${server.address().port}/#${fragment}`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    server.close();
    server.closeAllConnections();
    // Commands that ignore SIGTERM are killed after two seconds.
    await workspace.close();
    await shutdown();
  });
}
