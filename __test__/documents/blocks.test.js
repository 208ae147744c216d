// The code blocks of the README and of docs/ run as they stand, in empty folders, with the tarballs of the package as
// npm installs them from a registry.
'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const { httpUpstream } = require('../../examples/demo/upstreams.cjs');
const { Document, documents } = require('../support/documents/markdown.cjs');
const { pack, registry } = require('../support/documents/registry.cjs');
const { PORT_MS, runSection } = require('../support/documents/section.cjs');
const { Prefix } = require('../support/capi/prefix.cjs');
const { needs, tool } = require('../support/needs.cjs');

const INSTALL = 'Install';

/** Documents whose blocks are programs; those of the others are pictures (checked below). */
const runs = documents().filter((name) => /^(README|docs\/[\w-]+|examples\/.*)\.md$/.test(name));
const sections = runs.flatMap((name) =>
  new Document(name).sections
    .filter(({ blocks }) =>
      blocks.some(({ language, notes }) => language !== 'text' || 'output' in notes),
    )
    .map(({ title, blocks }) => ({ name, title, blocks })),
);

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-documents-'));
const upstream = httpUpstream();
let server;
let installed;
/** The C library, for blocks in C. @type {Prefix | undefined} */
let prefix;

/** What the programs of a block find around them: nothing of Jest's, and a proxy that is there. */
function surroundings() {
  const {
    NAPI_RS_NATIVE_LIBRARY_PATH: _,
    NODE_PATH: __,
    LOOPWIRE_TOKEN: ___,
    NODE_OPTIONS: ____,
    ...env
  } = process.env;
  return {
    ...env,
    UPSTREAM: `http://127.0.0.1:${upstream.port}`,
    npm_config_registry: `http://127.0.0.1:${server.port}/`,
    npm_config_cache: path.join(work, 'cache'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    ...prefix?.env,
  };
}

beforeAll(async () => {
  await upstream.start();
  if (tool('capi')) prefix = new Prefix(tool('capi'));
  server = await registry(await pack()).start();
  const folder = path.join(work, 'installed');
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
  const env = surroundings();
  const { blocks } = sections.find(({ title }) => title === INSTALL);
  await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', blocks[0].code], {
    cwd: folder,
    env,
  });
  installed = { modules: path.join(folder, 'node_modules'), env };
}, 180_000);

afterAll(async () => {
  await upstream.stop();
  await server?.stop();
  prefix?.remove();
  fs.rmSync(work, { recursive: true, force: true });
});

test('npm installs the package and the native core of this platform, and nothing else', () => {
  const { modules } = installed;
  expect(fs.readdirSync(modules).filter((name) => !name.startsWith('.'))).toEqual([
    '@loopwire',
    'loopwire',
  ]);
  expect(fs.readdirSync(path.join(modules, '@loopwire'))).toHaveLength(1);
});

describe.each(runs)('%s', (document) => {
  for (const { name, title, blocks } of sections) {
    if (name !== document || title === INSTALL) continue;
    const tools = [
      blocks.some(({ language, notes }) => language === 'html' || 'a browser shows' in notes) &&
        'chromium',
      blocks.some(({ language, code }) => language === 'sh' && code.includes('curl')) && 'curl',
      blocks.some(({ code }) => code.includes("'@xterm/headless'")) && 'xterm',
      ...(blocks.some(({ language }) => language === 'c') ? ['capi', 'cc', 'pkg-config'] : []),
    ].filter(Boolean);
    needs(...tools).test(
      title,
      async () => {
        const before = upstream.asked.length;
        await runSection(blocks, installed);
        // A block that takes a proxy from its surroundings, and is followed by a client, went through it.
        const client = blocks.some(
          ({ language, code }) => language === 'sh' && code.includes('-x '),
        );
        if (client) expect(upstream.asked.slice(before)).not.toEqual([]);
      },
      PORT_MS + 60_000,
    );
  }
});

test('blocks of other documents are pictures', () => {
  for (const name of documents().filter((name) => !runs.includes(name))) {
    const blocks = new Document(name).sections.flatMap(({ blocks }) => blocks);
    for (const { language, line } of blocks)
      expect([name, line, language]).toEqual([name, line, 'text']);
  }
});
