// The server's side of Git LFS: its batch API, and the objects in memory.
'use strict';

const TYPE = 'application/vnd.git-lfs+json';

/** Answers a request of git-lfs, if it is one. @param {Map<string, Buffer>} objects */
function lfs(objects, request, response) {
  const { pathname } = new URL(request.url, 'http://x');
  const at = pathname.indexOf('/info/lfs/');
  if (at < 0) return false;
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    const body = Buffer.concat(pieces);
    const what = pathname.slice(at + '/info/lfs/'.length);
    if (what === 'objects/batch') batch(objects, body, request, response, pathname);
    else if (what.startsWith('objects/')) content(objects, what.slice(8), body, request, response);
    // No locks: git-lfs does without.
    else response.writeHead(404, { 'content-type': TYPE }).end('{"message":"no"}');
  });
  return true;
}

function batch(objects, body, request, response, pathname) {
  const { operation, objects: wanted } = JSON.parse(body);
  const base = `http://${request.headers.host}${pathname.replace(/batch$/, '')}`;
  const header = { authorization: request.headers.authorization };
  const answered = wanted.map(({ oid, size }) => {
    const there = objects.has(oid);
    const actions = { [operation]: { href: base + oid, header } };
    return { oid, size, ...(operation === 'download' || !there ? { actions } : {}) };
  });
  response.writeHead(200, { 'content-type': TYPE });
  response.end(JSON.stringify({ transfer: 'basic', objects: answered }));
}

function content(objects, oid, body, request, response) {
  if (request.method === 'PUT') objects.set(oid, body);
  const bytes = objects.get(oid);
  response.writeHead(bytes ? 200 : 404).end(request.method === 'PUT' ? '' : bytes);
}

module.exports = { lfs };
