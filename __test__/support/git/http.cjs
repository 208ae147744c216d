// A git server over HTTP: git's own server program behind Node's web server, as with any CGI.
'use strict';

const { spawn } = require('node:child_process');
const http = require('node:http');
const https = require('node:https');
const { Stoppable } = require('../../../examples/demo/server.cjs');
const { tool } = require('../needs.cjs');
const { lfs } = require('./lfs.cjs');

/**
 * A server of the repositories in a directory.
 *
 * @param {string} root
 * @param {{users?: Record<string, string>, tls?: {cert: Buffer, key: Buffer}, slow?: boolean, objects?: Map<string, Buffer>}} [options]
 *   `users` and their passwords: then each request needs one. `slow` sends an answer a piece at a time, so that a transfer can be interrupted; `objects` are those of Git LFS
 */
function gitServer(root, { users, tls, slow = false, objects } = {}) {
  const make = (self) => {
    const answer = (request, response) => {
      const user = users && userOf(request, users);
      self.asked.push(`${request.method} ${request.url} ${user ?? '-'}`);
      if (users && user === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
        return;
      }
      if (objects && lfs(objects, request, response)) return;
      serve(root, user ?? 'somebody', slow, request, response);
    };
    return tls ? https.createServer(tls, answer) : http.createServer(answer);
  };
  return new Stoppable(0, make);
}

/** The user of a request, if the password is right. */
function userOf(request, users) {
  const [, encoded = ''] = /^Basic (.*)$/.exec(request.headers.authorization ?? '') ?? [];
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  const user = text.slice(0, colon);
  return colon > 0 && users[user] === text.slice(colon + 1) ? user : undefined;
}

function serve(root, user, slow, request, response) {
  const { pathname, search } = new URL(request.url ?? '/', 'http://x');
  const env = {
    PATH: process.env.PATH,
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    REQUEST_METHOD: request.method,
    PATH_INFO: pathname,
    QUERY_STRING: search.slice(1),
    CONTENT_TYPE: request.headers['content-type'],
    CONTENT_LENGTH: request.headers['content-length'],
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
    GIT_PROTOCOL: request.headers['git-protocol'],
    REMOTE_USER: user,
  };
  const backend = spawn(tool('git') ?? 'git', ['http-backend'], { env });
  backend.stdin.on('error', () => {});
  request.pipe(backend.stdin);
  response.on('close', () => backend.kill());
  let head = Buffer.alloc(0);
  const begin = (bytes) => {
    head = Buffer.concat([head, bytes]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) {
      backend.stdout.once('data', begin);
      return;
    }
    backend.stdout.pause();
    const lines = head.subarray(0, end).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => line.split(/: /)));
    response.writeHead(Number(headers.Status?.slice(0, 3) ?? 200), headers);
    response.write(head.subarray(end + 4));
    if (!slow) {
      backend.stdout.pipe(response);
      return;
    }
    backend.stdout.on('end', () => response.end());
    backend.stdout.on('data', (piece) => {
      response.write(piece);
      backend.stdout.pause();
      setTimeout(() => backend.stdout.resume(), 50);
    });
    backend.stdout.resume();
  };
  backend.stdout.once('data', begin);
}

module.exports = { gitServer };
