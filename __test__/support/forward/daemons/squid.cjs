// squid: an HTTP proxy without a cache, with Basic authentication by its own program if asked for.
'use strict';

const { execFileSync } = require('node:child_process');
const { deadPort } = require('../forwarding.cjs');
const { ncsaAuth, tool } = require('../../needs.cjs');
const { folder, run } = require('./run.cjs');

/** @param {{username: string, password: string}} [credentials] @param {number} [at] */
async function squid(credentials, at) {
  const port = at ?? (await deadPort());
  const files = folder('squid');
  const lines = [
    `http_port 127.0.0.1:${port}`,
    'visible_hostname loopwire.test',
    'pid_filename none',
    'access_log none',
    'cache_log /dev/null',
    'cache deny all',
    'cache_mem 4 MB',
    'netdb_filename none',
    'coredump_dir none',
    'pinger_enable off',
    'icp_port 0',
    'max_filedescriptors 1024',
    'shutdown_lifetime 0 seconds',
  ];
  if (credentials) {
    const { username, password } = credentials;
    const hash = execFileSync(tool('openssl'), ['passwd', '-apr1', '-stdin'], { input: password });
    const users = files.write('users', [`${username}:${hash.toString().trim()}`]);
    lines.push(
      `auth_param basic program ${ncsaAuth()} ${users}`,
      'auth_param basic children 1 startup=1',
      'auth_param basic realm loopwire',
      'acl known proxy_auth REQUIRED',
      'http_access allow known',
    );
  } else {
    lines.push('http_access allow localhost');
  }
  lines.push('http_access deny all');
  const file = files.write('squid.conf', lines);
  // A service name of its own: its shared memory is named after it, and SIGTERM has it put that away.
  return run(tool('squid'), ['-N', '-n', `loopwire${port}`, '-f', file], port, 'SIGTERM');
}

module.exports = { squid };
