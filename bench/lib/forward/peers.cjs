// The local proxies that are compared: each starts in front of an upstream and says how to speak to it.
'use strict';
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { peer } = require('./children.cjs');
const { freePorts } = require('./ports.cjs');

/** A file for this process alone. */
function scratch(name, text) {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-bench-')), name);
  fs.writeFileSync(file, text);
  process.on('exit', () => fs.rmSync(path.dirname(file), { recursive: true, force: true }));
  return file;
}

/** No proxy: what both ends can do by themselves. */
async function direct(target) {
  return { port: target, way: 'http', target };
}

/** Copies on layer 4; the handshake is one with the upstream behind it. */
async function haproxy(target, options = '') {
  const [port] = await freePorts(1);
  const file = scratch(
    'haproxy.cfg',
    `defaults
  mode tcp
  timeout connect 10s
  timeout client 300s
  timeout server 300s
${options}
listen bench
  bind 127.0.0.1:${port}
  server upstream 127.0.0.1:${target}
`,
  );
  return { ...(await peer(port, 'haproxy', ['-db', '-q', '-f', file])), way: 'http', target };
}

/** An HTTP proxy that connects to the origin itself, a thread for each connection. */
async function tinyproxy(target) {
  const [port] = await freePorts(1);
  const file = scratch(
    'tinyproxy.conf',
    `Port ${port}
Listen 127.0.0.1
Timeout 600
MaxClients 20000
LogLevel Critical
DisableViaHeader Yes
`,
  );
  return { ...(await peer(port, 'tinyproxy', ['-d', '-c', file])), way: 'http', target };
}

/** A SOCKS5 proxy that connects to the origin itself, a thread for each connection. */
async function microsocks(target) {
  const [port] = await freePorts(1);
  const started = await peer(port, 'microsocks', ['-i', '127.0.0.1', '-p', String(port)]);
  return { ...started, way: 'socks5', target };
}

/** The npm package that does what Loopwire does, in this process. */
async function proxyChain(target) {
  const { Server } = require('proxy-chain');
  const upstream = { upstreamProxyUrl: `http://127.0.0.1:${target}` };
  const server = new Server({ port: 0, host: '127.0.0.1', prepareRequestFunction: () => upstream });
  await server.listen();
  return { pid: process.pid, port: server.port, way: 'http', target };
}

module.exports = { direct, haproxy, microsocks, proxyChain, scratch, tinyproxy };
