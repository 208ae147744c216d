// `loopwire exec` over a connection that is cut: no byte is lost, none comes twice, and the command runs once.
'use strict';

const { createHash, randomBytes } = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { when } = require('../support/needs.cjs');
const { randomFile } = require('../support/random.cjs');
const { run, served, start } = require('../support/process/served.cjs');

/** Megabytes of the largest transfer; 300 is the full size. */
const MEGABYTES = Number(process.env.LOOPWIRE_EXEC_MB ?? 24);
const CUTS = 20;
const LONG = 120_000;

const unix = when(process.platform !== 'win32', 'commands of Unix');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

unix.describe('a connection that is cut', () => {
  test(
    'costs no byte of the output and repeats none',
    async () => {
      const { root, cutter } = await served();
      const sum = randomFile(path.join(root, 'large'), MEGABYTES);
      const child = start(['exec', cutter.url, '--', 'cat large; echo end >&2; exit 5'], {
        input: '',
      });
      const got = createHash('sha256');
      let bytes = 0;
      let cuts = 0;
      child.stdout.on('data', (piece) => {
        got.update(piece);
        bytes += piece.length;
        if (cuts < CUTS && bytes > ((MEGABYTES << 20) / (CUTS + 1)) * (cuts + 1)) {
          cuts += 1;
          cutter.cutAfter(1 + (randomBytes(2).readUInt16BE() % 60_000));
        }
      });
      child.stderr.on('data', (piece) => child.said.stderr.push(piece));
      const { code, errors } = await child.ended;
      expect({ code, errors, bytes, cuts: cutter.cuts }).toEqual({
        code: 5,
        errors: 'end\n',
        bytes: MEGABYTES << 20,
        cuts: CUTS,
      });
      expect(got.digest('hex')).toBe(sum);
    },
    LONG,
  );

  test(
    'costs no byte of the input and repeats none',
    async () => {
      const { cutter } = await served();
      const bytes = randomBytes((MEGABYTES / 4) << 20);
      const child = start(['exec', cutter.url, '--', 'sha256sum; echo end >&2']);
      child.read();
      const share = Math.floor(bytes.length / CUTS);
      for (let n = 0; n < CUTS; n += 1) {
        cutter.cutAfterSent(1 + (randomBytes(2).readUInt16BE() % 60_000));
        const end = n === CUTS - 1 ? bytes.length : (n + 1) * share;
        if (!child.stdin.write(bytes.subarray(n * share, end))) await once(child.stdin, 'drain');
      }
      child.stdin.end();
      const { code, out, errors } = await child.ended;
      expect({ code, out, errors }).toEqual({
        code: 0,
        out: `${sha256(bytes)}  -\n`,
        errors: 'end\n',
      });
      expect(cutter.cuts).toBeGreaterThan(3);
    },
    LONG,
  );

  test(
    'may be cut before it is known whether the command has begun: it runs once',
    async () => {
      const { root, cutter } = await served();
      for (let n = 0; n < 12; n += 1) {
        const way = n % 2 ? 'cutAfter' : 'cutAfterSent';
        // From the middle of the handshake to behind the first messages.
        cutter[way](300 + n * 110);
        const { code, out } = await run(['exec', cutter.url, '--', 'echo x >> runs; echo $$']);
        // An attempt that never was a connection is a failure, as for every first one.
        if (code === 125) continue;
        expect({ n, code, out }).toEqual({ n, code: 0, out: expect.stringMatching(/^\d+\n$/) });
      }
      cutter.cutAfter(Infinity);
      cutter.cutAfterSent(Infinity);
      const before = fs.readFileSync(path.join(root, 'runs'), 'utf8').length;
      expect(before).toBeLessThanOrEqual(24);
      const marks = Array.from({ length: 6 }, (_, n) => n);
      for (const n of marks) {
        // Behind the handshake: the connection was open, and the command may or may not have been sent.
        cutter.cutAfter(700 + n * 60);
        const { code, out } = await run([
          'exec',
          cutter.url,
          '--',
          `echo x >> once-${n}; echo over`,
        ]);
        expect({ n, code, out }).toEqual({ n, code: 0, out: 'over\n' });
        expect(fs.readFileSync(path.join(root, `once-${n}`), 'utf8')).toBe('x\n');
      }
    },
    LONG,
  );

  test(
    'a command that the listener no longer has is told',
    async () => {
      const { cutter, workspace } = await served();
      const child = start(['exec', cutter.url, '--', 'echo begun; sleep 1000']);
      child.read();
      await once(child.stdout, 'data');
      cutter.refusing = true;
      cutter.cut();
      await workspace.close();
      const { openWorkspace } = require('../..');
      openWorkspace(fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-other-')));
      cutter.refusing = false;
      const { code, errors } = await child.ended;
      expect({ code, errors }).toEqual({
        code: 125,
        errors: expect.stringContaining('the listener no longer has the command'),
      });
    },
    LONG,
  );
});
