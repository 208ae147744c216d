// microsocks and tinyproxy: the proxies that need next to no configuration.
'use strict';

const { deadPort } = require('../forwarding.cjs');
const { tool } = require('../../needs.cjs');
const { folder, run } = require('./run.cjs');

/** @param {{username: string, password: string}} [credentials] @param {number} [at] */
async function microsocks(credentials, at) {
  const port = at ?? (await deadPort());
  const login = credentials ? ['-u', credentials.username, '-P', credentials.password] : [];
  return run(tool('microsocks'), ['-i', '127.0.0.1', '-p', `${port}`, ...login], port);
}

/** @param {{username: string, password: string}} [credentials] @param {number} [at] */
async function tinyproxy(credentials, at) {
  const port = at ?? (await deadPort());
  const lines = [`Port ${port}`, 'Listen 127.0.0.1', 'Allow 127.0.0.1', 'Timeout 20'];
  if (credentials) lines.push(`BasicAuth ${credentials.username} ${credentials.password}`);
  const file = folder('tinyproxy').write('tinyproxy.conf', lines);
  return run(tool('tinyproxy'), ['-d', '-c', file], port);
}

module.exports = { microsocks, tinyproxy };
