// danted: a SOCKS5 proxy that takes its users from the system's files.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { deadPort } = require('../forwarding.cjs');
const { tool } = require('../../needs.cjs');
const { folder, run } = require('./run.cjs');

/**
 * With credentials it runs where /etc/passwd and /etc/shadow are copies with one more user (a mount namespace,
 * so it takes root): the machine gets no user.
 *
 * @param {{username: string, password: string}} [credentials]
 * @param {number} [at]
 */
async function danted(credentials, at) {
  const port = at ?? (await deadPort());
  const files = folder('danted');
  const lines = [
    'logoutput: stderr',
    `internal: 127.0.0.1 port = ${port}`,
    'external: lo',
    'clientmethod: none',
    `socksmethod: ${credentials ? 'username' : 'none'}`,
    ...(process.getuid?.() === 0 ? ['user.privileged: root', 'user.unprivileged: nobody'] : []),
    'client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }',
    'socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 command: connect }',
  ];
  const file = files.write('danted.conf', lines);
  const args = ['-f', file, '-p', files.path('danted.pid')];
  if (!credentials) return run(tool('danted'), args, port, 'SIGTERM');
  const mounts = users(files, credentials).map(
    ([copy, place]) => `mount --bind "${copy}" ${place} &&`,
  );
  const script = `${mounts.join(' ')} exec "$@"`;
  const under = ['--mount', 'sh', '-c', script, 'sh', tool('danted'), ...args];
  return run(tool('unshare'), under, port, 'SIGTERM');
}

/** The system's two files with one more user: where the copies are, and what they stand for. */
function users(files, { username, password }) {
  const hash = execFileSync(tool('openssl'), ['passwd', '-6', '-stdin'], { input: password });
  const more = {
    '/etc/passwd': `${username}:x:65533:65534::/nonexistent:/usr/sbin/nologin`,
    '/etc/shadow': `${username}:${hash.toString().trim()}:19000:0:99999:7:::`,
  };
  return Object.entries(more).map(([place, line]) => {
    const text = fs.readFileSync(place, 'utf8').trimEnd();
    const mode = place === '/etc/shadow' ? 0o600 : 0o644;
    return [files.write(path.basename(place), [text, line], mode), place];
  });
}

module.exports = { danted };
