/**
 * The client of a sandbox over a connection that is cut again and again: nothing is lost, twice, or silently missing.
 *
 * LOOPWIRE_CUT_MIB is how many MiB of output are read (8; 50 is the full size).
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const loopwire = require('../../..');
const { all, code, cutOften, sandboxed, sha256 } = require('../../support/client/sandbox.cjs');
const { gitServer } = require('../../support/git/http.cjs');
const { repository, serve } = require('../../support/git/place.cjs');
const { needs } = require('../../support/needs.cjs');
const { until } = require('../../support/until.cjs');

const { SandboxClient } = requireModule('index.js');
const open = (options) => sandboxed(SandboxClient, options);
const MIB = Number(process.env.LOOPWIRE_CUT_MIB ?? 8);
const CUTS = 20;
const LONG = 60_000 + MIB * 2_000;

/** What a command puts out that counts. */
const lines = (name) => Array.from({ length: 20_000 }, (_, n) => `${name} ${n + 1}\n`).join('');

/** How much came, and its hash. */
async function hashOf(output) {
  const hash = crypto.createHash('sha256');
  let bytes = 0;
  for await (const piece of output) {
    bytes += piece.length;
    hash.update(piece);
  }
  return { bytes, hash: hash.digest('hex') };
}

/** Somebody who never answers. */
const never = () => new Promise(() => {});

describe('terminal', () => {
  test(
    `${MIB} MiB of output come whole over ${CUTS} cuts`,
    async () => {
      const { sandbox, cutter, root } = await open();
      const size = MIB << 20;
      fs.writeFileSync(path.join(root, 'big'), crypto.randomBytes(size));
      await sandbox.ports.list();
      cutOften(cutter, CUTS, Math.floor(size / (CUTS + 1)));
      const terminal = await sandbox.terminal.create({ command: 'cat big', pty: false });
      const hash = crypto.createHash('sha256');
      let next = 0;
      for await (const { offset, data, lost } of terminal.chunks) {
        expect([offset, lost]).toEqual([next, undefined]);
        next += data.length;
        hash.update(data);
      }
      expect(next).toBe(size);
      expect(hash.digest('hex')).toBe(sha256(fs.readFileSync(path.join(root, 'big'))));
      expect(cutter.cuts).toBeGreaterThanOrEqual(CUTS);
      expect((await terminal.exit).exitCode).toBe(0);
    },
    LONG,
  );

  test(
    'a command of many small writes to both streams comes whole, in order',
    async () => {
      const { sandbox, cutter } = await open();
      await sandbox.ports.list();
      cutOften(cutter, CUTS, 20_000);
      const command =
        'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo "out $i"; echo "err $i" >&2; done';
      const { stdout, stderr } = await sandbox.execute(command);
      expect(stdout).toBe(lines('out'));
      expect(stderr).toBe(lines('err'));
      expect(cutter.cuts).toBeGreaterThanOrEqual(10);
    },
    LONG,
  );

  test('what is typed while the connection breaks has its effect once', async () => {
    const { sandbox, cutter } = await open();
    const terminal = await sandbox.terminal.create({ command: 'exec cat', pty: false });
    const typed = Array.from({ length: 300 }, (_, n) => `line ${n}\n`);
    const output = all(terminal.output);
    for (const [n, line] of typed.entries()) {
      if (n % 15 === 0) cutter.cutAfterSent(20 + ((n * 7) % 200));
      if (n % 50 === 0) cutter.cut();
      await terminal.write(line);
    }
    terminal.eof();
    expect(Buffer.concat(await output).toString()).toBe(typed.join(''));
    expect(cutter.cuts).toBeGreaterThanOrEqual(10);
  });

  test.each([0, 10])(
    `${MIB} MiB of bytes travel through a filter and back over %d cuts`,
    async (cuts) => {
      const { sandbox, cutter } = await open();
      const input = crypto.randomBytes(MIB << 20);
      const terminal = await sandbox.terminal.create({ command: 'exec cat', pty: false });
      cutter.cutBothWays(cuts, Math.floor(input.length / (cuts + 1)));
      const output = hashOf(terminal.output);
      // In pieces of all sizes, nothing awaited between them, and a text here and there, which goes another way.
      const written = [];
      const sum = crypto.createHash('sha256');
      for (let at = 0, size = 1; at < input.length; at += size, size = (size * 7) % 300_007) {
        const piece = input.subarray(at, at + size);
        written.push(terminal.write(piece));
        sum.update(piece);
        if (written.length % 5 > 0) continue;
        written.push(terminal.write('grüß'));
        sum.update('grüß');
      }
      terminal.eof();
      await Promise.all(written);
      const { bytes, hash } = await output;
      expect([bytes >= input.length, hash]).toEqual([true, sum.digest('hex')]);
      expect(cutter.cuts).toBe(cuts);
      expect((await terminal.exit).exitCode).toBe(0);
    },
    LONG,
  );

  test('long input of execute arrives once, and a client that comes later goes on behind it', async () => {
    const { sandbox, cutter, make } = await open();
    const input = crypto.randomBytes(3 << 20);
    await sandbox.ports.list();
    cutOften(cutter, 5, 400_000);
    const { stdout } = await sandbox.execute('sort -z | sha256sum', { input });
    const { stdout: again } = await make().execute('sort -z | sha256sum', { input });
    expect(stdout).toBe(again);
    const first = await sandbox.terminal.create({ id: 'c', command: 'exec sha256sum', pty: false });
    await first.write(input);
    const second = await make().terminal.attach('c');
    await second.write(input);
    await first.write(input);
    second.eof();
    const hash = sha256(Buffer.concat([input, input, input]));
    expect(Buffer.concat(await all(second.output)).toString()).toBe(`${hash}  -\n`);
  });

  test('bytes that are no text are typed once into a pseudo-terminal', async () => {
    const { sandbox, cutter } = await open();
    const command = 'stty raw -echo; echo ready; exec head -c 60000 | sha256sum';
    const terminal = await sandbox.terminal.create({ command });
    const bytes = crypto.randomBytes(600);
    let output = '';
    for await (const piece of terminal.output) {
      output += Buffer.from(piece).toString();
      if (output.trim() !== 'ready') continue;
      for (let n = 0; n < 100; n += 1) {
        if (n % 10 === 0) cutter.cutAfterSent(20 + ((n * 37) % 900));
        await terminal.write(bytes);
      }
    }
    const typed = Buffer.concat(Array.from({ length: 100 }, () => bytes));
    expect(output).toContain(sha256(typed));
    expect(cutter.cuts).toBeGreaterThanOrEqual(8);
  });

  test('bytes behind the end of a command are dropped, and those of a lost one are refused', async () => {
    const { sandbox, cutter } = await open({ detachMs: 0 });
    const short = await sandbox.terminal.create({ command: 'exec head -c 1', pty: false });
    // More than the pipe takes: it waits for the command to read, or to end.
    await short.write(new Uint8Array(2 << 20));
    await short.exit;
    await short.write(new Uint8Array(10));
    const sleeper = await sandbox.terminal.create({ command: 'exec sleep 60', pty: false });
    const waiting = code(sleeper.write(new Uint8Array(2 << 20)));
    const left = await sandbox.terminal.create({ command: 'exec sleep 60', pty: false });
    const leaving = code(left.write(new Uint8Array(2 << 20)));
    await left.detach();
    expect(await leaving).toBe('DETACHED');
    cutter.refusing = true;
    cutter.cut();
    await new Promise((resolve) => setTimeout(resolve, 500));
    cutter.refusing = false;
    expect(await waiting).toBe('GONE');
  });

  test('it is started once, also if the connection breaks on the way', async () => {
    const { sandbox, cutter, root } = await open();
    for (let bytes = 20; bytes < 700; bytes += 60) {
      await sandbox.ports.list();
      cutter.cutAfterSent(bytes);
      cutter.cutAfter(bytes * 3);
      const { stdout } = await sandbox.execute('echo x >> count; echo done');
      expect(stdout).toBe('done\n');
    }
    await sandbox.ports.list();
    expect(fs.readFileSync(path.join(root, 'count'), 'utf8').length).toBe(2 * 12);
  });

  test('an id that another client has is in use, also if that answer was lost with the connection', async () => {
    const { sandbox, cutter, make } = await open();
    const same = { id: 'build', command: 'exec cat', pty: false };
    await make().terminal(same);
    await sandbox.terminal.list();
    cutter.cutAfter(1);
    expect(await code(sandbox.terminal(same))).toBe('ID_IN_USE');
    expect(cutter.cuts).toBeGreaterThanOrEqual(1);
  });

  test('an id of the user is found again after a cut', async () => {
    const { sandbox, cutter } = await open();
    await sandbox.terminal.list();
    cutter.cutAfter(1);
    const terminal = await sandbox.terminal({ id: 'build', command: 'echo mine', pty: false });
    expect(Buffer.concat(await all(terminal.output)).toString()).toBe('mine\n');
    expect(cutter.cuts).toBeGreaterThanOrEqual(1);
  });

  test('it waits for a client that acknowledges and comes back, and its size goes along', async () => {
    const { sandbox, cutter } = await open();
    const terminal = await sandbox.terminal.create({
      command: 'sleep 0.3; head -c 3000000 /dev/zero; stty size',
    });
    await cutter.cut();
    cutter.refusing = true;
    terminal.resize(111, 22);
    await new Promise((resolve) => setTimeout(resolve, 700));
    cutter.refusing = false;
    const bytes = Buffer.concat(await all(terminal.output));
    expect(bytes.length).toBe(3_000_000 + '22 111\r\n'.length);
    expect(bytes.subarray(-8).toString()).toBe('22 111\r\n');
  });

  test('one that the workspace has forgotten ends with an error', async () => {
    const { sandbox, cutter } = await open({ detachMs: 0 });
    const terminal = await sandbox.terminal.create({ command: 'exec sleep 60' });
    cutter.refusing = true;
    cutter.cut();
    await new Promise((resolve) => setTimeout(resolve, 500));
    cutter.refusing = false;
    expect(await code(all(terminal.output))).toBe('GONE');
    expect(await code(terminal.exit)).toBe('GONE');
  });
});

describe('files', () => {
  test(
    'reads and writes over cuts give what is there',
    async () => {
      const { sandbox, cutter, root } = await open();
      const bytes = crypto.randomBytes(6 << 20);
      fs.writeFileSync(path.join(root, 'big'), bytes);
      await sandbox.ports.list();
      cutOften(cutter, 10, 700_000);
      expect(sha256(await sandbox.files.read('big'))).toBe(sha256(bytes));
      expect(cutter.cuts).toBeGreaterThanOrEqual(5);
      cutter.cutAfter(Infinity);
      for (const after of [100, 50_000, 3_000_000]) {
        cutter.cutAfterSent(after);
        const { sha256: sum } = await sandbox.files.write('copy', bytes);
        expect(sum).toBe(sha256(bytes));
      }
      expect(sha256(fs.readFileSync(path.join(root, 'copy')))).toBe(sha256(bytes));
    },
    LONG,
  );

  test('an iterable cannot be sent a second time: the write fails, and nothing is written', async () => {
    const { sandbox, cutter, root } = await open();
    await sandbox.ports.list();
    async function* pieces() {
      for (let n = 0; n < 10; n += 1) {
        if (n === 5) cutter.cut();
        yield Buffer.alloc(100_000);
      }
    }
    expect(await code(sandbox.files.write('f', pieces(), { size: 1_000_000 }))).toBe(
      'CONNECTION_LOST',
    );
    expect(fs.existsSync(path.join(root, 'f'))).toBe(false);
  });
});

test('watches go on, and say where changes may be missing', async () => {
  const { sandbox, cutter, root } = await open();
  const watch = sandbox.watch('.');
  const changes = watch[Symbol.asyncIterator]();
  await watch.ready;
  for (let n = 0; n < 5; n += 1) {
    cutter.cut();
    const { value } = await changes.next();
    expect(value).toMatchObject({ changeType: 'overflow', path: '.' });
    fs.writeFileSync(path.join(root, `f${n}`), '');
    expect((await changes.next()).value.path).toBe(path.join(root, `f${n}`));
  }
  await watch.close();
});

needs('git').test(
  'a clone goes on without the connection, and its progress and end are told',
  async () => {
    const { sandbox, cutter } = await open();
    const source = repository(2_000_000);
    const server = await serve(gitServer(source.root, { slow: true }));
    const url = `http://127.0.0.1:${server.port}/project.git`;
    const clone = sandbox.git.clone({ url, targetDir: 'copy' });
    const percents = [];
    for await (const { percent } of clone.progress) {
      percents.push(percent);
      if (cutter.cuts < CUTS) cutter.cut();
    }
    expect(await clone).toEqual({ commit: source.commit });
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
    expect(cutter.cuts).toBeGreaterThan(1);
  },
  LONG,
);

test('a snapshot whose end was told while nobody was there resolves', async () => {
  const { sandbox, cutter } = await open();
  await sandbox.files.write('f', 'x');
  for (let n = 0; n < 5; n += 1) {
    const making = sandbox.snapshots.create({ message: `${n}` });
    await sandbox.ports.list();
    cutter.cut();
    expect((await making).files).toBe(1);
  }
  expect(await sandbox.snapshots.list()).toHaveLength(5);
});

test('what may be asked again is, and what may not says so', async () => {
  const { sandbox, cutter } = await open();
  await sandbox.ports.list();
  cutter.stall();
  const listed = sandbox.terminal.list();
  const removed = code(sandbox.ports.remove(60_000));
  cutter.cut();
  cutter.flow();
  expect(await listed).toEqual([]);
  expect(await removed).toBe('CONNECTION_LOST');
});

test('after a restart of the listener nothing is waited for in vain', async () => {
  const { sandbox, cutter, workspace, listener, root, token } = await open();
  const source = repository(1_000_000);
  const server = await serve(gitServer(source.root, { users: { bob: 'x' } }));
  const url = `http://127.0.0.1:${server.port}/project.git`;
  const clone = code(sandbox.git.clone({ url, targetDir: 'copy', onCredentials: never }));
  const terminal = await sandbox.terminal({ command: 'sleep 60' });
  const watch = sandbox.watch('.');
  await watch.ready;
  await workspace.close();
  loopwire.shutdown();
  const next = loopwire.startEventListener(0, token, () => {}, {
    allowedHosts: [`127.0.0.1:${cutter.port}`],
  });
  const again = loopwire.openWorkspace(root);
  cutter.redirect(next.port);
  expect(await clone).toMatch(/^(CANCELLED|OUTCOME_UNKNOWN)$/);
  await terminal.exit.catch(() => {});
  for await (const { changeType } of watch) {
    expect(changeType).toBe('overflow');
    break;
  }
  expect((await sandbox.execute('echo new')).stdout).toBe('new\n');
  await until(() => listener.closed, 'closed');
  await again.close();
  next.close();
});
