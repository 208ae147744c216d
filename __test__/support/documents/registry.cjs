// An npm registry on this machine that holds the packed tarballs, so that `npm install loopwire` is what it will be.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const zlib = require('node:zlib');
const { Stoppable } = require('../../../examples/demo/server.cjs');
const { tarballs } = require('../package/packed.cjs');
const { root } = require('./markdown.cjs');

/** The manifest inside a tarball. @param {Buffer} tarball */
function manifestIn(tarball) {
  const tar = zlib.gunzipSync(tarball);
  // A tar file is a row of headers of 512 bytes, each with its file behind it, filled up to 512 bytes.
  for (let at = 0; at < tar.length;) {
    const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(tar.toString('ascii', at + 124, at + 136), 8);
    if (name === 'package/package.json')
      return JSON.parse(String(tar.subarray(at + 512, at + 512 + size)));
    at += 512 + 512 * Math.ceil((size || 0) / 512);
  }
  throw new Error('a tarball without a package.json');
}

/** The tarballs, packed with the addon that the tests have built. */
async function pack() {
  const folder = await tarballs();
  return fs
    .readdirSync(folder)
    .map((name) => ({ name, bytes: fs.readFileSync(path.join(folder, name)) }));
}

/** Serves these tarballs, and the manifests of the other platforms, which npm reads and passes over. */
function registry(/** @type {{name: string, bytes: Buffer}[]} */ tarballs) {
  return new Stoppable(0, (self) => {
    const base = () => `http://127.0.0.1:${self.port}`;
    const manifests = new Map();
    for (const entry of fs.readdirSync(path.join(root, 'npm'), { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const manifest = require(path.join(root, 'npm', entry.name, 'package.json'));
      manifests.set(manifest.name, { manifest, file: 'none.tgz' });
    }
    for (const { name, bytes } of tarballs) {
      const manifest = manifestIn(bytes);
      manifests.set(manifest.name, { manifest, file: name });
    }
    return http.createServer((request, response) => {
      const url = decodeURIComponent(request.url ?? '').slice(1);
      const tarball = tarballs.find(({ name }) => url === `files/${name}`);
      const known = manifests.get(url);
      if (tarball) return response.end(tarball.bytes);
      if (!known) return response.writeHead(404).end('{}');
      const { name, version } = known.manifest;
      const dist = { tarball: `${base()}/files/${known.file}` };
      const versions = { [version]: { ...known.manifest, dist } };
      return response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions }));
    });
  });
}

module.exports = { pack, registry };
