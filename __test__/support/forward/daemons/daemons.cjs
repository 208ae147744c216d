// Proxies of other authors as upstreams: each starts on a free port and ends with the test.
'use strict';

const { danted } = require('./danted.cjs');
const { microsocks, tinyproxy } = require('./small.cjs');
const { squid } = require('./squid.cjs');

/** What each speaks, how it starts, and the tools it takes without and with credentials. */
const DAEMONS = [
  { name: 'tinyproxy', protocol: 'http', start: tinyproxy, tools: ['tinyproxy'] },
  { name: 'squid', protocol: 'http', start: squid, tools: ['squid'], login: ['openssl'] },
  { name: 'microsocks', protocol: 'socks5', start: microsocks, tools: ['microsocks'] },
  {
    name: 'danted',
    protocol: 'socks5',
    start: danted,
    tools: ['danted'],
    login: ['openssl', 'unshare'],
  },
];

module.exports = { DAEMONS, danted, microsocks, squid, tinyproxy };
