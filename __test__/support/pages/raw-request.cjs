// A raw HTTP request as a page shows it, sent over TLS.
'use strict';

const tls = require('node:tls');

/**
 * Sends the request with the headers that every HTTP client adds, and gives the status and the JSON of the answer.
 *
 * @param {number} port
 * @param {string} request the lines of the page, and its body behind an empty line
 * @param {string} host the name of the page's host, which has port 55872 there
 * @param {Buffer} ca
 */
async function rawRequest(port, request, host, ca) {
  const [head, body = ''] = request.split('\n\n');
  const lines = head.trimEnd().split('\n');
  lines.push(`Host: ${host}:55872`, `Content-Length: ${body.length}`, 'Connection: close');
  const socket = tls.connect({ port, host: '127.0.0.1', servername: host, ca });
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  let text = '';
  for await (const data of socket) text += data;
  const [top, answer] = text.split('\r\n\r\n');
  return { status: Number(top.split(' ')[1]), body: JSON.parse(answer) };
}

module.exports = rawRequest;
