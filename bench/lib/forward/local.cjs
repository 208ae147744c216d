// Loopwire as a local proxy: the shipped build in this process, by its public functions.
'use strict';
const { pathToFileURL } = require('node:url');
const paths = require('../paths.cjs');
const { scratch } = require('./peers.cjs');
const { freePorts } = require('./ports.cjs');

/** The package with its upstreams set and its engine running. */
function load(target) {
  const loopwire = require(paths.shipped);
  const upstream = (protocol) => ({ id: protocol, protocol, host: '127.0.0.1', port: target });
  const list = scratch('proxies.json', JSON.stringify([upstream('http'), upstream('socks5')]));
  loopwire.setAPIHost(pathToFileURL(list).href);
  loopwire.runAsync();
  return loopwire;
}

/** The range of ports that may be forwarded: those, which are in a row. */
function permit(loopwire, ports) {
  loopwire.updateIpFormatAndPorts('127.0.0.1:%d', ports[0], ports.length);
}

/** Forwards each of the ports. */
async function create(loopwire, protocol, ports) {
  const results = await Promise.all(ports.map((port) => loopwire.createWithId(port, protocol)));
  if (results.some((result) => result !== 0)) throw new Error(loopwire.sdkGetLastError());
}

/** Forwards each of the ports, which are in a row. */
function forward(loopwire, protocol, ports) {
  permit(loopwire, ports);
  return create(loopwire, protocol, ports);
}

/** Loopwire in front of the upstream. */
async function local(target, protocol = 'http', count = 1) {
  const ports = await freePorts(count);
  await forward(load(target), protocol, ports);
  return { pid: process.pid, port: ports.join(), way: protocol, target };
}

module.exports = { create, forward, load, local, permit };
