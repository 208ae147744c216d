// `loopwire exec`: a command in a served workspace, as if it ran here.
'use strict';

const { execFileSync } = require('node:child_process');
const { createHash, randomBytes } = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { commandLine } = require('../../lib/cli/exec/command-line.js');
const { bin, environment } = require('../support/process/command-line.cjs');
const { when } = require('../support/needs.cjs');
const { randomFile } = require('../support/random.cjs');
const { until } = require('../support/until.cjs');
const { TOKEN, env, run, served, start } = require('../support/process/served.cjs');

/** Megabytes of the largest transfers; 300 is the full size. */
const MEGABYTES = Number(process.env.LOOPWIRE_EXEC_MB ?? 24);
const LONG = 120_000;

const unix = when(process.platform !== 'win32', 'commands of Unix');
const linux = when(process.platform === 'linux', 'Linux');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

unix.describe('a command', () => {
  test('has its own output, its own errors, byte by byte, and its exit code is ours', async () => {
    const { root, url } = await served();
    const bytes = randomBytes(300_000);
    fs.writeFileSync(path.join(root, 'bytes'), bytes);
    const { code, stdout, stderr } = await run([
      'exec',
      url,
      '--',
      'cat bytes; cat bytes >&2; exit 7',
    ]);
    expect(code).toBe(7);
    expect(sha256(stdout)).toBe(sha256(bytes));
    expect(sha256(stderr)).toBe(sha256(bytes));
  });

  test('that a signal ends has the code that a shell gives it', async () => {
    const { url } = await served();
    expect(await run(['exec', url, '--', 'kill -SEGV $$'])).toMatchObject({ code: 139, out: '' });
  });

  test('gets its arguments as they are, and one alone is a text for the shell', async () => {
    const { url } = await served();
    const words = ['a b', "it's", '$HOME', '*', '', '"', '\\', 'A=b', '--', '-x', 'ü\n'];
    const each = await run(['exec', url, '--', 'printf', '<%s>', ...words]);
    expect(each.out).toBe(words.map((word) => `<${word}>`).join(''));
    const text = await run(['exec', url, '--', 'A="x y"; echo $A | tr x z']);
    expect(text.out).toBe('z y\n');
  });

  test(
    'reads standard input to its end, whatever is in it',
    async () => {
      const { url } = await served();
      const bytes = randomBytes(3_000_000);
      const all = await run(['exec', url, '--', 'cat'], { input: bytes });
      expect(all.code).toBe(0);
      expect(sha256(all.stdout)).toBe(sha256(bytes));
      // One that reads nothing for a while: longer than a listener waits before it drops what nobody reads.
      const late = await run(['exec', url, '--', 'sleep 3; sha256sum'], { input: bytes });
      expect(late.out).toContain(sha256(bytes));
      // One that never reads, and one that stops in the middle.
      expect(await run(['exec', url, '--', 'true'], { input: bytes })).toMatchObject({ code: 0 });
      expect((await run(['exec', url, '--', 'head -c 5'], { input: bytes })).stdout).toEqual(
        bytes.subarray(0, 5),
      );
    },
    LONG,
  );

  test(
    'reads a file as standard input, and is one end of a pipe, in a shell',
    async () => {
      const { root, url } = await served();
      const file = path.join(root, 'large');
      const sum = `${randomFile(file, MEGABYTES / 3)}  -\n`;
      const shell = (line) => {
        const loopwire = '"$NODE" "$BIN" exec "$URL"';
        const text = `loopwire() { ${loopwire} "$@"; }; ${line}; echo "$?"`;
        const more = { NODE: process.execPath, BIN: bin, URL: url, FILE: file };
        return execFileSync('sh', ['-c', text], { env: environment({ ...env, ...more }) });
      };
      // A shell waits for the whole line, and this thread with it: the listener has threads of its own.
      expect(shell('loopwire -- sha256sum < "$FILE"').toString()).toBe(`${sum}0\n`);
      expect(shell('loopwire -- cat large | sha256sum').toString()).toBe(`${sum}0\n`);
      expect(shell('cat "$FILE" | loopwire -- sha256sum').toString()).toBe(`${sum}0\n`);
      expect(shell('loopwire -- yes | head -1').toString()).toBe('y\n0\n');
    },
    LONG,
  );

  test(
    'is run by the examples of the help as they are written',
    async () => {
      const { root, url } = await served();
      fs.writeFileSync(path.join(root, 'a file'), 'text');
      const { out: help } = await run(['exec', '--help']);
      const lines = help.slice(help.indexOf('Examples:')).match(/^ {2}(?!#).*loopwire exec .*$/gm);
      // That with a terminal stays open (exec-tty.test.js).
      const examples = lines.filter((line) => !line.includes(' -t '));
      expect(examples).toHaveLength(3);
      const here = fs.mkdtempSync(path.join(root, 'here-'));
      fs.writeFileSync(path.join(here, 'sent'), 'sent text');
      const outputs = examples.map((line) => {
        const text = `loopwire() { "$NODE" "$BIN" "$@"; }; ${line.replaceAll('ws://127.0.0.1:8881', url)}`;
        const more = { NODE: process.execPath, BIN: bin };
        const options = { cwd: here, env: environment({ ...env, ...more }) };
        return execFileSync('sh', ['-c', text], options).toString();
      });
      expect(outputs[0]).toMatch(/^-rw\S* .* a file\n$/);
      expect(Number(outputs[1])).toBe(2);
      expect(fs.readFileSync(path.join(root, 'copy', 'sent'), 'utf8')).toBe('sent text');
    },
    LONG,
  );

  test('reads nothing with --no-stdin, and standard input is left alone', async () => {
    const { url } = await served();
    const child = start(['exec', url, '-n', '--', 'cat; echo over']);
    child.read();
    // It stays open.
    expect(await child.ended).toMatchObject({ code: 0, out: 'over\n' });
  });

  test('has the directory, the variables and the time that it is given', async () => {
    const { root, url } = await served();
    fs.mkdirSync(path.join(root, 'sub'));
    const args = ['--cwd', 'sub', '-e', 'A=x=y', '--env', 'EMPTY=', '-e', 'MINE'];
    const said = await run(['exec', url, ...args, '--', 'pwd; echo "$A,$EMPTY,$MINE"'], {
      more: { MINE: 'from here' },
    });
    expect(said.out).toBe(`${fs.realpathSync(root)}/sub\nx=y,,from here\n`);
    const late = await run(['exec', url, '--timeout', '1', '--', 'sleep 100']);
    expect(late).toMatchObject({ code: 124, errors: expect.stringContaining('--timeout') });
  });

  test('does not have our token', async () => {
    const { url } = await served();
    const said = await run(['exec', url, '--', 'env; cat /proc/$PPID/environ']);
    expect(said.out).not.toContain(TOKEN);
  });
});

unix.describe('what cannot be run', () => {
  test(
    'has exit code 125 and one sentence, never the token',
    async () => {
      const { url } = await served();
      const cases = [
        [['exec', url, '--cwd', 'missing', '--', 'ls'], {}, 'missing: there is no such file'],
        [['exec', url, '--cwd', '/', '--', 'ls'], {}, '/: the path leads out'],
        [
          ['exec', url, '--', 'ls'],
          { LOOPWIRE_TOKEN: 'wrong' },
          '401 the token is missing or wrong',
        ],
        [['exec', 'ws://127.0.0.1:1', '--', 'ls'], {}, 'ECONNREFUSED'],
        [['exec', url.replace('ws:', 'wss:'), '--', 'ls'], {}, 'does not speak TLS'],
        [['exec', url, 'ls'], {}, '-- is missing before COMMAND'],
        [['exec', url], {}, 'COMMAND is missing'],
        [['exec', url, '--'], {}, 'COMMAND is missing'],
        [['exec', '--', 'ls'], {}, 'URL is missing'],
        [['exec', url, '--env', 'NOT_SET_HERE', '--', 'ls'], {}, 'no such variable'],
        [['exec', url, '--timeout', '0', '--', 'ls'], {}, '--timeout must be a whole number'],
        [['exec', url, '--tyy', '--', 'ls'], {}, 'did you mean --tty?'],
      ];
      for (const [args, more, sentence] of cases) {
        const { code, out, errors } = await run(args, { more });
        expect({ args, code, out, errors }).toEqual({
          args,
          code: 125,
          out: '',
          errors: expect.stringContaining(sentence),
        });
        expect(errors).not.toMatch(/\n\s+at /);
        expect(errors).not.toContain(TOKEN);
      }
    },
    LONG,
  );

  test('is told where there is no workspace, and where the workspace closes', async () => {
    const { url, workspace } = await served();
    const child = start(['exec', url, '--', 'echo begun; sleep 1000']);
    child.read();
    await once(child.stdout, 'data');
    await workspace.close();
    expect(await child.ended).toMatchObject({
      code: 125,
      errors: expect.stringContaining('closed'),
    });
    const { code, errors } = await run(['exec', url, '--', 'ls']);
    expect({ code, errors }).toEqual({
      code: 125,
      errors: expect.stringContaining('no workspace'),
    });
  });
});

unix.describe('signals', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('%s goes to the command', async (name) => {
    const { url } = await served();
    const line = `trap 'echo got; exit 3' ${name.slice(3)}; echo begun; while :; do sleep 0.05; done`;
    const child = start(['exec', url, '--', line]);
    child.read();
    await once(child.stdout, 'data');
    child.kill(name);
    expect(await child.ended).toMatchObject({ code: 3, out: 'begun\ngot\n' });
  });

  test('one that ends the command gives the code of a shell', async () => {
    const { url } = await served();
    for (const [name, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ]) {
      const child = start(['exec', url, '--', 'echo begun; exec sleep 1000']);
      child.read();
      await once(child.stdout, 'data');
      child.kill(name);
      expect(await child.ended).toMatchObject({ code, out: 'begun\n', errors: '' });
    }
  });

  test('a second one kills the command, and ends us', async () => {
    const { url, root } = await served();
    const line =
      "trap '' TERM; trap 'echo first' INT; echo $$ > pid; echo begun; while :; do sleep 0.05; done";
    const child = start(['exec', url, '--', line]);
    child.read();
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ code: 143, out: 'begun\nfirst\n' });
    const pid = Number(fs.readFileSync(path.join(root, 'pid'), 'utf8'));
    await until(() => !isAlive(pid));
  });

  test('one without a listener ends us at once', async () => {
    // Something that takes the connection and says nothing.
    const silent = require('node:net').createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const child = start(['exec', `ws://127.0.0.1:${silent.address().port}`, '--', 'ls']);
    child.read();
    const [socket] = await once(silent, 'connection');
    child.kill('SIGINT');
    expect(await child.ended).toMatchObject({ code: 130 });
    // Nobody reads it, so its end would go unnoticed.
    socket.destroy();
    silent.close();
  });
});

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

unix.describe('a reader that leaves', () => {
  test('ends the command, too, with the code that a shell gives', async () => {
    const { url, root } = await served();
    const child = start(['exec', url, '--', 'echo $$ > pid; exec yes']);
    await once(child.stdout, 'readable');
    child.stdout.destroy();
    expect(await child.ended).toMatchObject({ code: 141 });
    const pid = Number(fs.readFileSync(path.join(root, 'pid'), 'utf8'));
    await until(() => !isAlive(pid));
  });

  linux.test('and a full disk is an error', async () => {
    const { url } = await served();
    const full = fs.openSync('/dev/full', 'w');
    const line = 'echo $$ >&2; echo something; exec sleep 1000';
    const child = start(['exec', url, '--', line], { stdio: ['ignore', full, 'pipe'] });
    child.read();
    const { code, errors } = await child.ended;
    fs.closeSync(full);
    expect({ code, errors }).toEqual({
      code: 125,
      errors: expect.stringMatching(
        /^\d+\nloopwire: standard output cannot be written: ENOSPC.*\n$/,
      ),
    });
    await until(() => !isAlive(Number.parseInt(errors, 10)));
  });

  linux.test(
    'one that is slow pauses the command, and little of it is held',
    async () => {
      const { url } = await served();
      const child = start(['exec', url, '--', `head -c ${MEGABYTES}M /dev/zero; echo over >&2`]);
      // Nothing is read from its output for as long as it takes to come to rest.
      await once(child.stdout, 'readable');
      let last;
      await until(async () => {
        const before = last;
        last = memory(child.pid);
        await new Promise((resolve) => setTimeout(resolve, 500));
        return before === last;
      });
      expect(last).toBeLessThan(200 << 20);
      expect(child.exitCode).toBeNull();
      child.read();
      const { code, stdout, errors } = await child.ended;
      expect({ code, errors, length: stdout.length }).toEqual({
        code: 0,
        errors: 'over\n',
        length: MEGABYTES << 20,
      });
    },
    LONG,
  );
});

/** Resident bytes of a process. */
function memory(pid) {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kilobytes) << 10;
}

test('words are quoted for the shell where it would read them otherwise', () => {
  expect(commandLine(['ls -l | wc'])).toBe('ls -l | wc');
  expect(commandLine(['ls', '-l', 'a b'])).toBe("ls -l 'a b'");
  expect(commandLine(['A=b', 'x'])).toBe("'A=b' x");
  expect(commandLine(['time', 'if'])).toBe("'time' if");
  expect(env.LOOPWIRE_TOKEN).toBe(TOKEN);
});
