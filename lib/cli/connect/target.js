// A target: the parts of a listener's URL, with the token separate.
'use strict';

const { usage } = require('../problem.js');
const { TOKEN } = require('../token.js');

const SCHEMES = { 'ws:': false, 'http:': false, 'wss:': true, 'https:': true };
const FORM = 'a URL must be ws://HOST:PORT or wss://HOST:PORT';
const LOOPBACK = /^(127(\.\d+){3}|localhost|.*\.localhost|\[::1\])$/;

/** Flags that the commands set themselves. */
const OWN = new Set(['token', 'v', 'binary', 'since', 'epoch']);

/**
 * Reads a URL. Its error texts never show the URL, because it may contain a token.
 *
 * @returns {{secure: boolean, host: string, port: number, path: string, token?: string, since?: string, epoch?: string, exposed: boolean}}
 */
function target(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    throw usage(`the URL is invalid; ${FORM}`);
  }
  const secure = SCHEMES[url.protocol];
  if (secure === undefined) throw usage(FORM);
  if (url.username || url.password) throw usage(`the URL must not have a user name; ${FORM}`);
  const flags = url.searchParams;
  const inPath = /^(.*\/ws)\/([^/]+)$/.exec(url.pathname);
  const tokens = [...flags.getAll('token'), ...(inPath ? [decoded(inPath[2])] : [])];
  if (new Set(tokens).size > 1) throw usage('the URL contains two different tokens');
  const [token] = tokens;
  if (token !== undefined && !TOKEN.test(token)) throw usage('the token in the URL is invalid');
  const path = inPath ? inPath[1] : url.pathname === '/' ? '/ws' : url.pathname;
  const rest = new URLSearchParams([...flags].filter(([name]) => !OWN.has(name))).toString();
  const since = flags.get('since') ?? undefined;
  if (since !== undefined && !/^\d{1,20}$/.test(since)) throw usage('since must be a number');
  return {
    secure,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (secure ? 443 : 80)),
    path: rest ? `${path}?${rest}` : path,
    token,
    since,
    epoch: flags.get('epoch') ?? undefined,
    exposed: !secure && !LOOPBACK.test(url.hostname),
  };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

module.exports = { target };
