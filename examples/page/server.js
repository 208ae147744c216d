// A page that shows the events of this process: `node examples/page/server.js`, and open the address that it prints.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { emit, generateToken, shutdown, startEventListener } = require('loopwire');

/** What the page may load. The client's modules need no bundler. */
const FOLDERS = { '/client/': path.dirname(require.resolve('loopwire/client')), '/': __dirname };
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript' };

const token = generateToken();
const listener = startEventListener(0, token, () => {});

const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://127.0.0.1');
  const asked = pathname === '/' ? '/index.html' : pathname;
  const [prefix, folder] = Object.entries(FOLDERS).find(([prefix]) => asked.startsWith(prefix));
  const file = path.join(folder, asked.slice(prefix.length));
  const type = TYPES[path.extname(file)];
  if (!type || !fs.existsSync(file)) return void response.writeHead(404).end();
  // The page connects to this listener and to nothing else.
  const own = `127.0.0.1:${listener.port}`;
  const policy = `default-src 'none'; script-src 'self'; connect-src ws://${own} http://${own}`;
  response.writeHead(200, { 'content-type': type, 'content-security-policy': policy });
  fs.createReadStream(file).pipe(response);
});

server.listen(0, '127.0.0.1', () => {
  // Browsers keep what is behind the # to themselves.
  const fragment = `port=${listener.port}&token=${token}`;
  console.log(`http://127.0.0.1:${server.address().port}/#${fragment}`);
});

let count = 0;
const ticking = setInterval(() => emit('my:tick', { count: (count += 1) }), 1_000);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    clearInterval(ticking);
    server.close();
    server.closeAllConnections();
    void shutdown();
  });
}
