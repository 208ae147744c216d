// Local port numbers for those that cannot choose one themselves.
'use strict';
const net = require('node:net');

/** Below the ports that the system gives to connections, or one of thousands might take it first. */
const LOWEST = 10_000;
const HIGHEST = 30_000;
/** Another process may have one of the ports: so many ranges are tried. */
const TRIES = 100;

function isFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** So many free ports in a row. */
async function freePorts(count) {
  for (let n = 0; n < TRIES; n++) {
    const start = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST - count));
    const ports = Array.from({ length: count }, (_, at) => start + at);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return ports;
  }
  throw new Error('no free ports');
}

module.exports = { freePorts };
