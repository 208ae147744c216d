// A git server over SSH: the real sshd, one for each connection, as inetd runs it. So it needs no port of its own.
'use strict';

const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { Stoppable } = require('../../../examples/demo/server.cjs');
const { tool } = require('../needs.cjs');

const root = process.getuid?.() === 0;

/** Makes a key; the text of the private one, with a comment that nobody reads. */
function makeKey(file, passphrase = '') {
  const args = ['-q', '-t', 'ed25519', '-C', 'test', '-N', passphrase, '-f', file];
  execFileSync(tool('ssh-keygen'), args, { stdio: 'pipe' });
  return fs.readFileSync(file, 'utf8');
}

/**
 * An SSH server for the user who runs this.
 *
 * @param {string} folder where it keeps its files
 * @param {{password?: string}} [options] the password of that user, for root only: it is seen by the server alone
 */
function sshServer(folder, { password } = {}) {
  const file = (name) => path.join(folder, name);
  if (!fs.existsSync(file('host'))) makeKey(file('host'));
  fs.writeFileSync(file('authorized'), '', { flag: 'a' });
  const settings = {
    HostKey: file('host'),
    AuthorizedKeysFile: file('authorized'),
    PidFile: 'none',
    StrictModes: 'no',
    UsePAM: 'no',
    PermitRootLogin: 'yes',
    PubkeyAuthentication: password === undefined ? 'yes' : 'no',
    PasswordAuthentication: password === undefined ? 'no' : 'yes',
    KbdInteractiveAuthentication: 'no',
    LogLevel: 'ERROR',
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} ${value}\n`);
  fs.writeFileSync(file('sshd_config'), lines.join(''));
  const sshd = [tool('sshd'), '-i', '-e', '-f', file('sshd_config')];
  const command = root ? [tool('unshare'), '--mount', 'sh', '-c', inside(), 'sh', ...sshd] : sshd;
  if (password !== undefined) fs.writeFileSync(file('shadow'), shadow(password));

  /** As root sshd wants a directory, and takes passwords from a file: both are its own here. */
  function inside() {
    const own = password === undefined ? '' : `mount --bind '${file('shadow')}' /etc/shadow && `;
    return `mount -t tmpfs tmpfs /run && mkdir -m 755 /run/sshd && ${own}exec "$@"`;
  }

  const children = new Set();
  const make = (self) => {
    const server = net.createServer({ pauseOnConnect: true }, (socket) => {
      self.asked.push('connection');
      const [program, ...args] = command;
      const child = spawn(program, args, { stdio: [socket, socket, 'pipe'] });
      child.stderr.on('data', (bytes) => self.asked.push(`${bytes}`.trim()));
      children.add(child);
      child.on('close', () => {
        children.delete(child);
        socket.destroy();
      });
    });
    server.on('close', () => children.forEach((child) => child.kill()));
    return server;
  };
  const { username } = os.userInfo();
  return Object.assign(new Stoppable(0, make), {
    username,
    /** Lets this key in. @param {string} name the file of the private key */
    allow: (name) => fs.appendFileSync(file('authorized'), fs.readFileSync(`${name}.pub`)),
    /** Its host key, as a client writes it down. */
    hostKey: () => fs.readFileSync(file('host.pub'), 'utf8').split(' ').slice(0, 2).join(' '),
    fingerprint: () =>
      execFileSync(tool('ssh-keygen'), ['-lf', file('host.pub')], { encoding: 'utf8' }).split(
        ' ',
      )[1],
  });
}

function shadow(password) {
  const hash = execFileSync(tool('openssl'), ['passwd', '-6', '-stdin'], {
    input: password,
    encoding: 'utf8',
  });
  return `${os.userInfo().username}:${hash.trim()}:20000:0:99999:7:::\n`;
}

module.exports = { makeKey, sshServer };
