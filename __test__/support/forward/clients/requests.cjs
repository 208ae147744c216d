// Python's requests and websockets, which client.py in this folder uses.
'use strict';

const { execFile } = require('node:child_process');
const path = require('node:path');
const { promisify } = require('node:util');
const { tool } = require('../../needs.cjs');

const script = path.join(__dirname, 'client.py');

/** @param {string} scheme */
function way(scheme) {
  const run = async (task, port, ...urls) => {
    // Without this machine's settings for proxies.
    const options = { env: { PATH: process.env.PATH }, timeout: 30_000 };
    const args = [script, task, `${scheme}127.0.0.1:${port}`, ...urls];
    const { stdout } = await promisify(execFile)(tool('python-requests'), args, options);
    return JSON.parse(stdout);
  };
  return {
    // With SOCKS it would want a package more.
    talks: scheme === 'http://',
    visit: (port, base) => run('visit', port, base),
    turns: (port, urls) => run('turns', port, ...urls),
  };
}

const requests = {
  name: 'requests',
  tools: ['python-requests', 'python-websockets'],
  ways: { 'http://': way('http://'), 'socks5h://': way('socks5h://') },
};

module.exports = { requests };
