// curl: everything of the web server, in its three ways through a proxy.
'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const { after } = require('../forwarding.cjs');
const { tool } = require('../../needs.cjs');
const { ETAG, sha256 } = require('../web.cjs');

// curl reads proxies from the environment; none of them may lead elsewhere.
const env = { PATH: process.env.PATH, NO_PROXY: '' };

/** @param {(port: number) => string[]} flags */
function way(flags) {
  const run = async (port, ...args) => {
    const all = ['-sS', '--max-time', '20', ...flags(port), ...args];
    const { stdout } = await promisify(execFile)(tool('curl'), all, { env });
    return stdout;
  };
  return {
    async visit(port, base) {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-curl-'));
      after(() => fs.rmSync(folder, { recursive: true, force: true }));
      const file = path.join(folder, 'body');
      const small = await run(port, `${base}/small`);
      await run(port, '-o', file, `${base}/download`);
      const head = await run(port, '-I', '-w', '%{http_code}', `${base}/head`);
      const fresh = ['-H', `If-None-Match: ${ETAG}`, '-w', '%{http_code}', `${base}/cached`];
      return {
        small,
        download: sha256(fs.readFileSync(file)),
        chunked: await run(port, `${base}/chunked`),
        head: `${head.slice(-3)} ${/content-length: (\d+)/i.exec(head)?.[1]}`,
        cached: Number(await run(port, ...fresh)),
        upload: await run(port, '--data-binary', `@${file}`, `${base}/upload`),
      };
    },
    turns: (port, urls) => run(port, ...urls),
  };
}

const curl = {
  name: 'curl',
  tools: ['curl'],
  ways: {
    'http://': way((port) => ['-x', `http://127.0.0.1:${port}`]),
    CONNECT: way((port) => ['-p', '-x', `http://127.0.0.1:${port}`]),
    'socks5h://': way((port) => ['-x', `socks5h://127.0.0.1:${port}`]),
  },
};

module.exports = { curl };
