// The three ways in which a program asks a local port for a page: a proxy's GET, CONNECT, and SOCKS5.
'use strict';

const http = require('node:http');
const net = require('node:net');

/** The body of an answer with status 200. @param {http.RequestOptions} options @returns {Promise<string>} */
function body(options) {
  return new Promise((resolve, reject) => {
    const request = http.get({ agent: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece) => (text += piece));
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`the answer was ${response.statusCode}: ${text.trim()}`));
      });
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

/** The next piece that comes. @param {net.Socket} socket @returns {Promise<Buffer>} */
function piece(socket) {
  return new Promise((resolve, reject) => {
    socket.once('data', resolve);
    socket.once('error', reject);
    socket.once('end', () => reject(new Error('the port has closed the connection')));
  });
}

/** Asks for the origin's page over a tunnel that is open. @param {net.Socket} socket @param {number} origin */
const through = (socket, origin) =>
  body({ host: '127.0.0.1', port: origin, createConnection: () => socket });

/** @param {number} port the local port @param {number} origin */
const byGet = (port, origin) =>
  body({ host: '127.0.0.1', port, path: `http://127.0.0.1:${origin}/` });

/** @param {number} port @param {number} origin */
async function byConnect(port, origin) {
  const socket = net.connect(port, '127.0.0.1');
  socket.write(`CONNECT 127.0.0.1:${origin} HTTP/1.1\r\nHost: 127.0.0.1:${origin}\r\n\r\n`);
  const [status] = (await piece(socket)).toString('latin1').split('\r\n');
  if (!status.includes(' 200')) throw new Error(`CONNECT was answered: ${status}`);
  return through(socket, origin);
}

/** @param {number} port @param {number} origin */
async function bySocks(port, origin) {
  const socket = net.connect(port, '127.0.0.1');
  socket.write(Buffer.from([5, 1, 0]));
  if ((await piece(socket)).toString('hex') !== '0500') throw new Error('SOCKS5 was refused');
  socket.write(Buffer.from([5, 1, 0, 1, 127, 0, 0, 1, origin >> 8, origin & 0xff]));
  const [, reply] = await piece(socket);
  if (reply !== 0) throw new Error(`SOCKS5 was answered with ${reply}`);
  return through(socket, origin);
}

module.exports = { byConnect, byGet, bySocks };
