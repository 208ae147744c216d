// Requests through a forwarded port, in the three ways that programs speak to a proxy.
'use strict';

const http = require('node:http');
const net = require('node:net');
const { take } = require('./server.cjs');

const TIMEOUT_MS = 10_000;

/** @typedef {{status: number, body: string, socks?: number}} Answer `socks`: a SOCKS5 refusal */

/** @param {http.ClientRequest} request @returns {Promise<Answer>} */
function answered(request) {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part) => (body += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', reject);
    });
    request.end();
  });
}

/** @param {net.Socket} socket @param {URL} url */
function over(socket, url) {
  const { pathname, search, host } = url;
  return answered(
    // No `agent` here: one would make a connection of its own.
    http.request({
      createConnection: () => socket,
      path: pathname + search,
      headers: { host },
      timeout: TIMEOUT_MS,
    }),
  );
}

/** As an HTTP proxy, the whole URL in the request line. @param {number} port @param {string} url */
function absoluteForm(port, url) {
  const headers = { host: new URL(url).host };
  const to = { host: '127.0.0.1', port, path: url, headers, timeout: TIMEOUT_MS };
  return answered(http.request({ ...to, agent: false }));
}

/**
 * As an HTTP proxy, through a tunnel.
 *
 * @param {number} port
 * @param {string} url
 * @returns {Promise<Answer>}
 */
function connectTunnel(port, url) {
  const { hostname, port: target } = new URL(url);
  const path = `${hostname}:${target || 80}`;
  const request = http.request({
    host: '127.0.0.1',
    port,
    method: 'CONNECT',
    path,
    headers: { host: path },
    timeout: TIMEOUT_MS,
    agent: false,
  });
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    // Node takes every answer to CONNECT for a tunnel, a refusal, too.
    request.on('connect', (response, stream) => {
      const socket = /** @type {net.Socket} */ (stream);
      if (response.statusCode === 200) return resolve(over(socket, new URL(url)));
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, body: '' });
    });
    request.end();
  });
}

/**
 * As a SOCKS5 proxy, which gets the host's name unresolved.
 *
 * @param {number} port
 * @param {string} url
 * @returns {Promise<Answer>}
 */
async function socks5(port, url) {
  const { hostname, port: target } = new URL(url);
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
  try {
    socket.write(Buffer.from([5, 1, 0]));
    await take(socket, 2);
    const name = Buffer.from(hostname);
    const ends = Buffer.alloc(2);
    ends.writeUInt16BE(Number(target || 80));
    socket.write(Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, ends]));
    const [, reply, , kind] = await take(socket, 4);
    await take(socket, (kind === 4 ? 16 : 4) + 2);
    if (reply !== 0) return { status: 0, body: '', socks: reply };
    return await over(socket, new URL(url));
  } finally {
    socket.destroy();
  }
}

module.exports = { absoluteForm, connectTunnel, socks5 };
