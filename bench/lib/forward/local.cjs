// Loopwire as a local proxy: the shipped build in this process, by its public functions.
'use strict';
const { pathToFileURL } = require('node:url');
const paths = require('../paths.cjs');
const { scratch } = require('./peers.cjs');

/** Below the ports that the system gives to connections. */
const LOWEST = 10_000;
const HIGHEST = 30_000;
/** Another process may have one of the ports: so many ranges are tried. */
const TRIES = 20;

/** The package with its upstreams set and its engine running. */
function load(target) {
  const loopwire = require(paths.shipped);
  const upstream = (protocol) => ({ id: protocol, protocol, host: '127.0.0.1', port: target });
  const list = scratch('proxies.json', JSON.stringify([upstream('http'), upstream('socks5')]));
  loopwire.setAPIHost(pathToFileURL(list).href);
  loopwire.runAsync();
  return loopwire;
}

/** Forwards so many ports in a row; which. */
async function forward(loopwire, protocol, count) {
  for (let n = 0; n < TRIES; n++) {
    const start = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST - count));
    loopwire.updateIpFormatAndPorts('127.0.0.1:%d', start, count);
    const ports = Array.from({ length: count }, (_, at) => start + at);
    const results = await Promise.all(ports.map((port) => loopwire.createWithId(port, protocol)));
    if (results.every((result) => result === 0)) return ports;
  }
  throw new Error(loopwire.sdkGetLastError());
}

/** Loopwire in front of the upstream. */
async function local(target, protocol = 'http', ports = 1) {
  const forwarded = await forward(load(target), protocol, ports);
  return { pid: process.pid, port: forwarded.join(), way: protocol, target };
}

module.exports = { forward, load, local };
