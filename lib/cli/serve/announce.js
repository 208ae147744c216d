// The first output of `loopwire serve`: the URL to connect to, and the certificate to trust.
'use strict';

const path = require('node:path');
const { quoted, quotedForPowerShell } = require('../quote.js');

/**
 * As text for people, or as one line of JSON. Shows the token only if it was generated. `isTerminal` tells whether a person
 * sees it: then the page's URL has the token, so that a click opens the page. In a log the token stands once.
 */
function announce(listener, { token, wanted, pretty, isTerminal, platform = process.platform }) {
  const { fingerprint } = listener;
  const facts = {
    url: address(listener),
    host: listener.host,
    port: listener.port,
    ...(wanted.options.inspector && { inspect: page(listener) }),
    ...(fingerprint && { fingerprint }),
    ...(wanted.workspace && { workspace: wanted.workspace }),
    // A given token is known already.
    ...(wanted.token === undefined && { token }),
    pid: process.pid,
  };
  if (!pretty) return `${JSON.stringify({ type: 'listening', ...facts })}\n`;
  const entry = isTerminal && facts.inspect && facts.token ? `#token=${facts.token}` : '';
  const shell = platform === 'win32' ? POWERSHELL : POSIX;
  const next = (command, rest) => line(shell, command, rest, facts, wanted);
  const rows = [
    ['connect to', facts.url],
    ['token', facts.token],
    ['inspector', facts.inspect && facts.inspect + entry],
    ['fingerprint', facts.fingerprint],
    ['workspace', facts.workspace],
    ['events', next('tail')],
    ['a command', facts.workspace && next('exec', shell.list)],
    ['ports', wanted.forwards.length > 0 ? next('ports') : undefined],
  ];
  const shown = rows.filter(([, value]) => value !== undefined);
  return shown.map(([name, value]) => `${name.padEnd(11)}  ${value}\n`).join('');
}

/** How a variable is given to one command, and a command to `exec`. */
const POSIX = { quoted, variable: (name, value) => `${name}=${quoted(value)}`, list: '-- ls' };

/**
 * Of the shells of Windows the one that a terminal opens. The variable stays there until it is closed. PowerShell does not give
 * a bare `--` to the scripts that npm makes.
 */
const POWERSHELL = {
  quoted: quotedForPowerShell,
  variable: (name, value) => `$env:${name}='${value}';`,
  list: "'--' dir",
};

/**
 * A line that can be pasted into another shell. The token is in it only if it was generated, and so shown anyway; it is a
 * variable, which is in no list of processes.
 */
function line(shell, command, rest, { url, token, fingerprint }, { tokenFile }) {
  const words = [
    ...(token === undefined ? [] : [shell.variable('LOOPWIRE_TOKEN', token)]),
    // The brackets of an IPv6 address are a pattern for zsh.
    `loopwire ${command} ${shell.quoted(url.replace(/\/ws$/, ''))}`,
    ...(fingerprint ? [`--fingerprint ${shell.quoted(fingerprint)}`] : []),
    // The other shell may be in another directory.
    ...(tokenFile === undefined ? [] : [`--token-file ${shell.quoted(path.resolve(tokenFile))}`]),
    ...(rest === undefined ? [] : [rest]),
  ];
  return words.join(' ');
}

/** The listener's URL without its token. */
function address(listener) {
  const url = new URL(listener.url);
  url.pathname = '/ws';
  return url.href;
}

/** The URL of the inspector, without the token. */
function page(listener) {
  const url = new URL(listener.url);
  const scheme = url.protocol === 'wss:' ? 'https' : 'http';
  return `${scheme}://${url.host}/inspect`;
}

module.exports = { announce };
