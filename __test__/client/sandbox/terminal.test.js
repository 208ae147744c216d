/**
 * The terminals of a sandbox's client over a connection that stays, against a real workspace.
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const crypto = require('node:crypto');
const { all, code, sandboxed, sha256, text } = require('../../support/client/sandbox.cjs');
const { when } = require('../../support/needs.cjs');
const { until } = require('../../support/until.cjs');

const { SandboxClient } = requireModule('index.js');
const open = (options) => sandboxed(SandboxClient, options);
const disposing = when(Symbol.asyncDispose, 'Symbol.asyncDispose');

describe('terminal', () => {
  test('execute collects both streams and the exit code', async () => {
    const { sandbox } = await open();
    const { durationMs, ...rest } = await sandbox.terminal.execute('cat; echo oh >&2; exit 3', {
      input: 'grüß',
    });
    expect(rest).toEqual({ exitCode: 3, signal: null, stdout: 'grüß', stderr: 'oh\n' });
    expect(durationMs).toBeGreaterThanOrEqual(0);
  });

  test('execute gives the bytes of several megabytes as they are', async () => {
    const { sandbox } = await open();
    const input = crypto.randomBytes(5_000_000);
    const { stdout } = await sandbox.execute('cat', { input, encoding: 'buffer' });
    expect(sha256(stdout)).toBe(sha256(input));
  });

  test('execute stops by its signal, by its bound, and where it cannot begin', async () => {
    const { sandbox } = await open();
    expect(await code(sandbox.execute('sleep 60', { signal: AbortSignal.timeout(50) }))).toBe(
      'ABORT_ERR',
    );
    expect(await code(sandbox.execute('yes', { maxOutputBytes: 1000 }))).toBe(
      'ERR_OUTPUT_TOO_LARGE',
    );
    expect(await code(sandbox.execute('true', { cwd: '..' }))).toBe('PATH_OUTSIDE');
    await until(
      async () => (await sandbox.terminal.list()).every(({ running }) => !running),
      'nothing runs',
    );
  });

  test('a terminal has the members of one of the package', async () => {
    const { sandbox } = await open();
    const terminal = await sandbox.terminal({
      command: 'stty size; read x; stty size; echo "<$x>"',
      cols: 100,
      rows: 30,
    });
    expect(terminal.pid).toBeGreaterThan(0);
    let output = '';
    for await (const bytes of terminal.output) {
      // Not before it has said the first size.
      if (output === '') {
        terminal.resize(90, 20);
        await terminal.write('hey\n');
      }
      output += text(bytes);
    }
    expect(output.replaceAll('\r', '')).toBe('30 100\nhey\n20 90\n<hey>\n');
    expect(await terminal.exit).toMatchObject({ exitCode: 0, signal: null });
    await terminal.write('dropped');
  });

  test('a signal ends it, and eof its input', async () => {
    const { sandbox } = await open();
    const sleeper = await sandbox.terminal.create({ command: 'exec sleep 60', pty: false });
    sleeper.signal('SIGTERM');
    expect((await sleeper.exit).signal).toBe('SIGTERM');
    const reader = await sandbox.terminal.create({ command: 'exec cat', pty: false });
    reader.write('one ');
    reader.write(Buffer.from('two '));
    reader.write('three');
    reader.eof();
    expect(text(Buffer.concat(await all(reader.output)))).toBe('one two three');
  });

  test('bytes of any view are typed as they are, and what is none is refused before anything starts', async () => {
    const { sandbox } = await open();
    const input = new Uint16Array([0x6261, 0x6463]);
    const view = new DataView(input.buffer, 1, 2);
    expect((await sandbox.execute('cat', { input })).stdout).toBe('abcd');
    expect((await sandbox.execute('cat', { input: view })).stdout).toBe('bc');
    expect((await sandbox.execute('cat', { input: input.buffer })).stdout).toBe('abcd');
    expect((await sandbox.execute('cat', {})).stdout).toBe('');
    await sandbox.files.write('views', input);
    expect(await sandbox.files.readText('views')).toBe('abcd');
    for (const pty of [true, false]) {
      const command = 'stty raw -echo 2>/dev/null; echo ready; exec cat';
      const terminal = await sandbox.terminal.create({ command, pty });
      for (const wrong of [5, null, {}]) {
        expect(() => terminal.write(wrong)).toThrow(expect.objectContaining({ name: 'TypeError' }));
      }
      let output = '';
      for await (const bytes of terminal.output) {
        output += text(bytes);
        if (output === 'ready\n') {
          await terminal.write(input);
          await terminal.write(view);
        }
        if (output.length >= 12) break;
      }
      expect(output).toBe('ready\nabcdbc');
      await terminal.close();
    }
    for (const wrong of [5, null, {}]) {
      await expect(sandbox.execute('touch started', { input: wrong })).rejects.toMatchObject({
        name: 'TypeError',
      });
      expect(await code(sandbox.files.write('wrong', wrong))).toBe('ERR_INVALID_ARG_VALUE');
    }
    await expect(sandbox.files.readText('started')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('close() ends a command, as that of the package does', async () => {
    const { sandbox } = await open();
    const sleeper = await sandbox.terminal.create({ command: 'exec sleep 60', pty: false });
    await sleeper.close();
    expect((await sleeper.exit).signal).toBe('SIGTERM');
    await sleeper.close();
    // A shell at the keyboard takes no notice of SIGTERM, nor does what runs in it here.
    const shell = await sandbox.terminal.create({ command: 'exec bash --norc -i' });
    const output = all(shell.output);
    await shell.write('(trap "" TERM; echo re""ady; exec sleep 60)\n');
    const other = await sandbox.terminal.create({ command: 'exec cat' });
    await until(async () => {
      const { to } = (await sandbox.terminal.list()).find(({ id }) => id === shell.id);
      return to > 60;
    }, 'it runs');
    await shell.close();
    expect((await shell.exit).signal).toBe('SIGKILL');
    await output;
    // One that was left goes on.
    await other.detach();
    await other.close();
    const rows = await sandbox.terminal.list();
    expect(rows.filter(({ running }) => running).map(({ id }) => id)).toEqual([other.id]);
  });

  test('close() does not wait for whoever has stopped to take the output', async () => {
    const { sandbox } = await open();
    const terminal = await sandbox.terminal.create({ command: 'yes', pty: false });
    const chunks = terminal.chunks;
    await chunks.next();
    await terminal.close();
    expect((await terminal.exit).signal).toBe('SIGTERM');
    let rest = 0;
    for await (const { data } of chunks) rest += data.length;
    expect(rest).toBeLessThan(2 << 20);
  });

  disposing.test('await using closes terminals, watches, connections and the client', async () => {
    const { sandbox } = await open();
    const terminal = await sandbox.terminal.create({ command: 'exec sleep 60', pty: false });
    const watch = sandbox.watch('.');
    await watch.ready;
    const socket = await sandbox.websocket.connect();
    await terminal[Symbol.asyncDispose]();
    expect((await terminal.exit).signal).toBe('SIGTERM');
    await watch[Symbol.asyncDispose]();
    expect(await all(watch)).toEqual([]);
    await socket[Symbol.asyncDispose]();
    expect(socket.readyState).toBe(socket.CLOSED);
    const other = await sandbox.terminal.create({ command: 'exec sleep 60', pty: false });
    await sandbox[Symbol.asyncDispose]();
    expect(await code(other.exit)).toBe('CLOSED');
  });

  test('is attached to at an offset, by its id, also of another client', async () => {
    const { sandbox, make } = await open();
    const first = await sandbox.terminal.create({
      id: 'dev',
      command: 'echo 0123456789; exec cat',
      pty: false,
    });
    const [chunk] = [(await first.chunks.next()).value];
    expect([chunk.source, chunk.offset, text(chunk.data)]).toEqual(['stdout', 0, '0123456789\n']);
    expect(await code(sandbox.terminal.attach('dev'))).toBe('ID_IN_USE');
    expect(await code(sandbox.terminal.attach('none'))).toBe('GONE');
    const other = make();
    const second = await other.terminal.attach('dev', { offset: 7 });
    expect(second.pid).toBe(first.pid);
    expect(text((await second.chunks.next()).value.data)).toBe('789\n');
    await first.detach();
    expect(await code(first.exit)).toBe('DETACHED');
    second.eof();
    expect((await second.exit).exitCode).toBe(0);
    expect((await other.terminal.list()).map(({ id }) => id)).toEqual(['dev']);
  });

  test('whoever reads nothing holds little, does not make it wait, and reads it all later', async () => {
    const { sandbox, cutter } = await open({ scrollbackBytes: 8 << 20 });
    const terminal = await sandbox.terminal.create({
      command: 'head -c 4000000 /dev/zero; echo end',
      pty: false,
    });
    expect((await terminal.exit).exitCode).toBe(0);
    const before = cutter.down;
    expect(before).toBeGreaterThan(4_000_000);
    const bytes = Buffer.concat(await all(terminal.output));
    expect([bytes.length, bytes.subarray(-4).toString()]).toEqual([4_000_004, 'end\n']);
    // It was dropped here and fetched again.
    expect(cutter.down - before).toBeGreaterThan(4_000_000);
  });

  test('what was overwritten meanwhile is told by the chunk behind it', async () => {
    const { sandbox } = await open({ scrollbackBytes: 64 << 10 });
    const terminal = await sandbox.terminal.create({
      command: 'head -c 1000000 /dev/zero',
      pty: false,
    });
    await terminal.exit;
    const [first, ...rest] = await all(terminal.chunks);
    expect(first.lost).toBe(first.offset);
    const length = [first, ...rest].reduce((sum, { data }) => sum + data.length, 0);
    expect(first.offset + length).toBe(1_000_000);
  });

  test('whoever reads slowly makes it wait', async () => {
    const { sandbox, cutter } = await open();
    const terminal = await sandbox.terminal.create({ command: 'yes', pty: false });
    const chunks = terminal.chunks;
    await chunks.next();
    // So much is sent before it is taken: half of what the workspace keeps.
    await until(() => cutter.down > 400_000, 'some output');
    const [row] = await sandbox.terminal.list();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [later] = await sandbox.terminal.list();
    expect(later.to).toBeLessThan(row.to + (1 << 20));
    expect(cutter.down).toBeLessThan(700_000);
    for (let taken = 0; taken < 3_000_000;) taken += (await chunks.next()).value.data.length;
    terminal.signal('SIGKILL');
  });

  test('a signal that does not exist, and input that nobody reads, are told by the next call', async () => {
    const { sandbox } = await open();
    const terminal = await sandbox.terminal.create({ command: 'exec sleep 60', pty: false });
    terminal.signal('SIGNOTHING');
    await until(() => code(terminal.write('x')).then((one) => one === 'UNKNOWN_SIGNAL'), 'told');
    for (let n = 0; n < 20; n += 1) terminal.write('x'.repeat(100_000)).catch(() => {});
    await until(() => code(terminal.write('x')).then((one) => one === 'INPUT_FULL'), 'full');
    terminal.signal('SIGKILL');
  });
});
