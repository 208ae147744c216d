// The subjects of the forwarding rows: who is measured, and what a machine must have for it.
'use strict';
const { origin } = require('./children.cjs');
const { local } = require('./local.cjs');
const peers = require('./peers.cjs');

/** Connections that Loopwire takes on one port; a row with more spreads them. */
const PER_PORT = 4096;

const SUBJECTS = {
  direct: { title: 'no proxy: both ends alone', start: peers.direct },
  haproxy: {
    title: 'haproxy, layer 4',
    needs: 'haproxy',
    start: (target) => peers.haproxy(target),
  },
  'haproxy-splice': {
    title: 'haproxy, layer 4, splice',
    needs: 'haproxy',
    start: (target) => peers.haproxy(target, '  option splice-request\n  option splice-response'),
  },
  tinyproxy: { title: 'tinyproxy', needs: 'tinyproxy', start: peers.tinyproxy },
  microsocks: { title: 'microsocks', needs: 'microsocks', start: peers.microsocks },
  'proxy-chain': { title: '`proxy-chain`', start: peers.proxyChain },
  loopwire: {
    title: 'Loopwire, HTTP upstream',
    loopwire: 'shipped',
    start: (target, connections = 1) => local(target, 'http', Math.ceil(connections / PER_PORT)),
  },
  'loopwire-socks5': {
    title: 'Loopwire, SOCKS5 upstream',
    loopwire: 'shipped',
    start: (target, connections = 1) => local(target, 'socks5', Math.ceil(connections / PER_PORT)),
  },
};

/** Those named (or all), each started in front of an upstream of its own and given to `measure`. */
function subjects(measure, { names = Object.keys(SUBJECTS), connections } = {}) {
  const entry = (name) => {
    const { start, ...subject } = SUBJECTS[name];
    const run = async (how) => measure(await start(await origin(), connections), how);
    return [name, { ...subject, run }];
  };
  return Object.fromEntries(names.map(entry));
}

module.exports = { names: Object.keys(SUBJECTS), subjects };
