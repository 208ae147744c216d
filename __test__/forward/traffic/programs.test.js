// Programs that people run behind a proxy: each does its usual work through a forwarded port.
'use strict';

const { execFile } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const zlib = require('node:zlib');
const { Stoppable } = require('../../../examples/demo/server.cjs');
const { squid, tinyproxy } = require('../../support/forward/daemons/daemons.cjs');
const {
  after,
  config,
  entry,
  forwarding,
  loopwire,
  serve,
} = require('../../support/forward/forwarding.cjs');
const { gitServer } = require('../../support/git/http.cjs');
const { ETAG, SEEN, sha256, web } = require('../../support/forward/web.cjs');
const { needs, tool } = require('../../support/needs.cjs');

const LONG_MS = 90_000;

function folder(name) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), `loopwire-${name}-`));
  after(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Runs a program to its end, without this machine's settings for proxies. */
async function run(program, args, { env, ...options } = {}) {
  const bare = { PATH: process.env.PATH, LC_ALL: 'C', ...env };
  const { stdout } = await promisify(execFile)(program, args, {
    env: bare,
    timeout: 60_000,
    ...options,
  });
  return stdout;
}

/** A port that forwards through this daemon, and what has to be true of it afterwards. */
async function through(daemon) {
  const upstream = await daemon();
  const { heard, start: port } = await forwarding({ list: [entry('1', 'http', upstream.port)] });
  expect(await loopwire.createWithId(port, '1')).toBe(0);
  await heard.until((texts) => texts.length === 2);
  heard.taken();
  const stayed = () => {
    expect(config(port)).toMatchObject({ is_online: true, last_error: null });
    expect(heard.taken()).toEqual([]);
  };
  return { port, proxy: `http://127.0.0.1:${port}`, stayed };
}

for (const [name, daemon] of Object.entries({ tinyproxy, squid })) {
  needs('wget', name).test(
    `wget downloads, posts, asks for changes and for heads through ${name}`,
    async () => {
      const server = await serve(web());
      const { proxy, stayed } = await through(daemon);
      const dir = folder('wget');
      const base = `http://127.0.0.1:${server.port}`;
      const env = { http_proxy: proxy, no_proxy: '' };
      const wget = (...args) =>
        run(tool('wget'), ['-nv', '--tries=1', '-T20', ...args], { env, cwd: dir });
      await wget('-O', 'body', `${base}/download`);
      const body = fs.readFileSync(path.join(dir, 'body'));
      expect(sha256(body)).toBe(SEEN.download);
      expect(await wget('-O-', '--post-file=body', `${base}/upload`)).toBe(SEEN.upload);
      expect(await wget('-O-', `${base}/chunked`, `${base}/small`)).toBe(
        `${SEEN.chunked}${SEEN.small}`,
      );
      await wget('--spider', '--method=HEAD', `${base}/head`);
      // wget takes 304 for a failure (exit code 8).
      await expect(
        wget('-O-', `--header=If-None-Match: ${ETAG}`, `${base}/cached`),
      ).rejects.toMatchObject({ code: 8 });
      stayed();
    },
    LONG_MS,
  );

  needs('git', name).test(
    `git clones, fetches and pushes through ${name}`,
    async () => {
      const dir = folder('git');
      const git = (args, env) =>
        run(tool('git'), args, {
          cwd: dir,
          env: { HOME: dir, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', ...env },
        });
      const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
      await git(['init', '-q', '--bare', '-b', 'main', 'served/project.git']);
      await git(['-C', 'served/project.git', 'config', 'http.receivepack', 'true']);
      const server = await serve(gitServer(path.join(dir, 'served')));
      const { proxy, stayed } = await through(daemon);
      const url = `http://127.0.0.1:${server.port}/project.git`;
      const env = { http_proxy: proxy, no_proxy: '' };
      await git(['clone', '-q', url, 'one'], env);
      // More than git sends in one piece: it asks first, then uploads in chunks.
      fs.writeFileSync(path.join(dir, 'one', 'big'), crypto.randomBytes(3 << 20));
      await git(['-C', 'one', 'add', '.']);
      await git(['-C', 'one', ...identity, 'commit', '-qm', 'one']);
      await git(['-C', 'one', 'push', '-q', 'origin', 'HEAD:main'], env);
      await git(['clone', '-q', '-b', 'main', url, 'two'], env);
      expect(fs.readFileSync(path.join(dir, 'two', 'big'))).toEqual(
        fs.readFileSync(path.join(dir, 'one', 'big')),
      );
      await git(['-C', 'one', ...identity, 'commit', '-qm', 'two', '--allow-empty']);
      await git(['-C', 'one', 'push', '-q', 'origin', 'HEAD:main'], env);
      await git(['-C', 'two', 'pull', '-q'], env);
      expect(await git(['-C', 'two', 'log', '--format=%s'])).toBe('two\none\n');
      stayed();
    },
    LONG_MS,
  );

  needs('apt-get', name).test(
    `apt-get reads an index and downloads packages, with its pipelined requests, through ${name}`,
    async () => {
      const dir = folder('apt');
      const packages = Array.from({ length: 20 }, (_, n) => debian(`thing-${n}`));
      const server = await serve(aptServer(packages));
      const { proxy, stayed } = await through(daemon);
      for (const name of ['lists/partial', 'archives/partial', 'etc']) {
        fs.mkdirSync(path.join(dir, name), { recursive: true });
      }
      fs.writeFileSync(path.join(dir, 'status'), '');
      fs.writeFileSync(
        path.join(dir, 'sources'),
        `deb [trusted=yes] http://127.0.0.1:${server.port}/ ./\n`,
      );
      const options = {
        'Acquire::http::Proxy': proxy,
        'Acquire::Retries': '0',
        'Acquire::Languages': 'none',
        'APT::Sandbox::User': os.userInfo().username,
        'APT::Architecture': 'amd64',
        'Dir::Etc': path.join(dir, 'etc'),
        'Dir::Etc::SourceList': path.join(dir, 'sources'),
        'Dir::State': dir,
        'Dir::State::Lists': path.join(dir, 'lists'),
        'Dir::State::Status': path.join(dir, 'status'),
        'Dir::Cache': dir,
        'Dir::Cache::Archives': path.join(dir, 'archives'),
        'Debug::NoLocking': '1',
      };
      const flags = Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
      const apt = (...args) => run(tool('apt-get'), [...flags, '-q', ...args], { cwd: dir });
      await apt('update', '--error-on=any');
      await apt('download', ...packages.map((one) => one.name));
      for (const one of packages) {
        expect(fs.readFileSync(path.join(dir, `${one.name}_1_all.deb`))).toEqual(one.bytes);
      }
      stayed();
    },
    LONG_MS,
  );

  needs('java', name).test(
    `Java's clients ask, post and keep their connections through ${name}`,
    async () => {
      const server = await serve(web());
      const { port, stayed } = await through(daemon);
      const source = path.join(
        __dirname,
        '..',
        '..',
        'support',
        'forward',
        'clients',
        'Client.java',
      );
      const said = await run(tool('java'), [
        '-XX:TieredStopAtLevel=1',
        source,
        String(port),
        `http://127.0.0.1:${server.port}`,
        // tinyproxy keeps interim answers to itself.
        name === 'squid' ? 'expect' : 'plain',
      ]);
      const { socket: _, ...bodies } = SEEN;
      expect(JSON.parse(said)).toEqual({ old: bodies, new: bodies });
      stayed();
    },
    LONG_MS,
  );
}

/** A Debian package, as far as apt-get looks at one: it downloads and compares the sum. */
function debian(name) {
  const bytes = crypto.randomBytes(20_000);
  const index = [
    `Package: ${name}`,
    'Version: 1',
    'Architecture: all',
    `Filename: ./${name}.deb`,
    `Size: ${bytes.length}`,
    `SHA256: ${sha256(bytes)}`,
    '',
    '',
  ].join('\n');
  return { name, bytes, index };
}

/** A flat repository of packages. */
function aptServer(packages) {
  const index = zlib.gzipSync(packages.map((one) => one.index).join(''));
  const files = new Map(packages.map((one) => [`/./${one.name}.deb`, one.bytes]));
  files.set('/./Packages.gz', index);
  return new Stoppable(0, () =>
    http.createServer((request, response) => {
      const body = files.get(request.url ?? '') ?? files.get(`/.${request.url}`);
      if (body) response.end(body);
      else response.writeHead(404).end();
    }),
  );
}
