// Raw HTTP requests, as the sandbox's page prints them.
'use strict';

const fs = require('node:fs');
const tls = require('node:tls');

/**
 * Sends requests with the headers that every HTTP client adds.
 *
 * @param {string} host its name
 * @param {string} certificate the file of its certificate
 */
function asker(host, certificate) {
  return async (port, request) => {
    const [head, body = ''] = request.split('\n\n');
    const lines = head.trimEnd().split('\n');
    lines.push(`Host: ${host}:55872`, `Content-Length: ${body.length}`, 'Connection: close');
    const ca = fs.readFileSync(certificate);
    const socket = tls.connect({ port, host: '127.0.0.1', servername: host, ca });
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
    let text = '';
    for await (const data of socket) text += data;
    const [top, answer] = text.split('\r\n\r\n');
    return { status: Number(top.split(' ')[1]), body: JSON.parse(answer) };
  };
}

module.exports = { asker };
