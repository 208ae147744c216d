// A project of a user with the packed package, and the compilers that users have: every type is found, with and without
// Node's types. A name that is not found would be `any`, and no compiler says so in a file of a package.
'use strict';

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { needs, tool } = require('../support/needs.cjs');

const root = path.resolve(__dirname, '..', '..');
const all = process.env.LOOPWIRE_ALL === '1';

/** What a user might write. `Bytes` is what the test puts there. */
const PROGRAM = `
import { configure, drained, emit, forward, openWorkspace, startEventListener, startHttpApi } from 'loopwire';
import { EventClient } from 'loopwire/client';
import type { LoopwireEvent, ServerMessage, TerminalChunk } from 'loopwire';

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(answer: Same<A, B>): void;

startEventListener(0, 'token', (data) => same<typeof data, Bytes>(true), {
  onMessage: (data) => same<typeof data, Bytes>(true),
});
startEventListener(0, 'token', (event) => same<typeof event, LoopwireEvent>(true), {
  format: 'object',
});
const workspace = openWorkspace('/opt/app');
const execute = () => workspace.execute('ls', { encoding: 'buffer' });
same<Awaited<ReturnType<typeof execute>>['stdout'], Bytes>(true);
const read = () => workspace.readFile('a.txt');
same<Awaited<ReturnType<typeof read>>, Bytes>(true);
const text = () => workspace.readFile('a.txt', 'utf8');
same<Awaited<ReturnType<typeof text>>, string>(true);
same<TerminalChunk['data'], Bytes>(true);

// An option that is undefined counts as left out.
declare const absent: undefined;
startEventListener(0, 'token', null, { host: absent, signal: absent, onMessage: absent });
startEventListener(0, 'token', null, { format: 'object', detail: absent });
forward({ port: 60000, upstream: { protocol: 'direct', id: absent }, requestId: absent });
openWorkspace('/opt/app', { shell: absent });
workspace.execute('ls', { cwd: absent, input: absent, encoding: absent });
workspace.terminal({ pty: absent });
workspace.readFile('a.txt', { encoding: absent, signal: absent });
workspace.writeFile('a.txt', '', { mode: absent });
workspace.watch('.', { events: absent });
workspace.git.clone({ url: '/a', targetDir: 'b', onCredentials: absent, depth: absent });
workspace.snapshots.create({ message: absent, keep: { count: absent } });
workspace.snapshots.list({ limit: absent });
configure({ idleCheckMs: absent, rotateOnError: absent, probe: null });
startHttpApi(9090, { token: absent });
drained({ signal: absent });
new EventClient({ url: 'ws://127.0.0.1:8881', token: absent, WebSocket: absent, signal: absent });
emit('my:event', absent);
same<Extract<ServerMessage, { type: 'terminal:exit' }>['data']['exitCode'], number | null>(true);
`;

/** The ways of finding modules that compilers have. */
const MODES = [
  ['node16', 'node16'],
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
];

let work;
beforeAll(() => {
  work = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-typescript-'));
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', work];
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const file = execFileSync(npm, args, { cwd: root, encoding: 'utf8' }).trim().split('\n').at(-1);
  for (const folder of ['with', 'without']) {
    const modules = path.join(work, folder, 'node_modules');
    fs.mkdirSync(modules, { recursive: true });
    execFileSync('tar', ['-xzf', path.join(work, file), '-C', modules]);
    fs.renameSync(path.join(modules, 'package'), path.join(modules, 'loopwire'));
    fs.writeFileSync(path.join(work, folder, 'package.json'), '{"type":"module","private":true}');
    const bytes = folder === 'with' ? 'Buffer' : 'Uint8Array';
    fs.writeFileSync(path.join(work, folder, 'index.ts'), `type Bytes = ${bytes};\n${PROGRAM}`);
  }
  for (const name of ['@types/node', 'undici-types']) {
    const link = path.join(work, 'with', 'node_modules', name);
    fs.mkdirSync(path.dirname(link), { recursive: true });
    fs.symlinkSync(path.join(root, 'node_modules', name), link, 'junction');
  }
}, 60_000);
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

/** What a compiler with its own defaults says to that project. */
function compile(compiler, folder, { mode: [module, moduleResolution], skipLibCheck }) {
  const compilerOptions = { strict: true, noEmit: true, skipLibCheck, module, moduleResolution };
  // The strictest that users have: then an optional key may not be undefined unless its type says so.
  compilerOptions.exactOptionalPropertyTypes = true;
  // The compiler's own files are right.
  compilerOptions.skipDefaultLibCheck = true;
  // The only default that would not do: the oldest one has neither Promise nor `for await`.
  compilerOptions.target = 'es2022';
  const project = path.join(work, folder);
  const config = JSON.stringify({ compilerOptions, files: ['index.ts'] });
  fs.writeFileSync(path.join(project, 'tsconfig.json'), config);
  const tsc = path.join(tool(compiler), 'bin', 'tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], {
    cwd: project,
    encoding: 'utf8',
  });
  return stdout;
}

// The others differ from it in nothing that would matter here; a run of everything shows that.
const modes = all ? MODES : MODES.slice(1, 2);
describe.each(['typescript-5', 'typescript-6', 'typescript-7'])('%s', (compiler) => {
  for (const mode of modes) {
    const [, name] = mode;
    needs(compiler).test(`finds Buffer with Node's types (${name})`, () => {
      expect(compile(compiler, 'with', { mode, skipLibCheck: true })).toBe('');
      // The compiler takes seconds for the files of Node's types.
      if (all && name === 'bundler')
        expect(compile(compiler, 'with', { mode, skipLibCheck: false })).toBe('');
    });

    needs(compiler).test(`has Uint8Array without them (${name})`, () => {
      expect(compile(compiler, 'without', { mode, skipLibCheck: true })).toBe('');
    });
  }

  needs(compiler).test('says what is missing if it checks the files of packages', () => {
    const mode = MODES[2];
    const said = compile(compiler, 'without', { mode, skipLibCheck: false });
    const lines = said.split('\n').filter((line) => /^\S/.test(line));
    expect(lines).toEqual([
      expect.stringMatching(/buffer\.d\.ts.*TS2688: Cannot find type definition file for 'node'/),
    ]);
  });
});

test('the types of what goes over the wire need nothing of Node', () => {
  const folder = path.join(root, 'types', 'wire');
  for (const file of fs.readdirSync(folder)) {
    const code = fs.readFileSync(path.join(folder, file), 'utf8').replace(/\/\*.*?\*\//gs, '');
    expect([file, code.match(/reference types|\bBuffer\b|from '[^.]/g)]).toEqual([file, null]);
  }
});
