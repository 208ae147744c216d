// What `loopwire serve` says first: where to connect, and whom to trust.
'use strict';

/** As text for a person, or as one line of JSON. Shows the token only where nobody else knows it yet. */
function announce(listener, { token, wanted, pretty }) {
  const { fingerprint } = listener;
  const facts = {
    url: address(listener),
    host: listener.host,
    port: listener.port,
    ...(fingerprint && { fingerprint }),
    ...(wanted.workspace && { workspace: wanted.workspace }),
    // Printed once: whoever gave it knows it.
    ...(wanted.token === undefined && { token }),
    pid: process.pid,
  };
  if (!pretty) return `${JSON.stringify({ type: 'listening', ...facts })}\n`;
  const rows = [
    ['connect to', facts.url],
    ['token', facts.token],
    ['fingerprint', facts.fingerprint],
    ['workspace', facts.workspace],
  ];
  const shown = rows.filter(([, value]) => value !== undefined);
  return shown.map(([name, value]) => `${name.padEnd(11)}  ${value}\n`).join('');
}

/** The listener's URL without its token. */
function address(listener) {
  const url = new URL(listener.url);
  url.pathname = '/ws';
  return url.href;
}

module.exports = { announce };
