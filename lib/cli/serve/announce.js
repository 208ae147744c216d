// The first output of `loopwire serve`: the URL to connect to, and the certificate to trust.
'use strict';

/** As text for people, or as one line of JSON. Shows the token only if it was generated. */
function announce(listener, { token, wanted, pretty }) {
  const { fingerprint } = listener;
  const facts = {
    url: address(listener),
    host: listener.host,
    port: listener.port,
    ...(fingerprint && { fingerprint }),
    ...(wanted.workspace && { workspace: wanted.workspace }),
    // A given token is known already.
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
