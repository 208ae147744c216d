// The verdict of `npm run conformance`, and that it is skipped by name where the suite cannot run.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { complaints, count } = require('../../scripts/conformance.cjs');

const script = path.join(__dirname, '../../scripts/conformance.cjs');

test('without Python 2.7 it says so and is no failure', () => {
  const empty = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-conformance-'));
  try {
    const said = execFileSync(process.execPath, [script], {
      encoding: 'utf8',
      env: { PATH: empty, PYENV_ROOT: empty, HOME: empty },
    });
    expect(said).toMatch(/^skipped: conformance \(needs Python 2\.7/);
  } finally {
    fs.rmSync(empty, { recursive: true });
  }
});

const report = (...behaviors) =>
  Object.fromEntries(
    behaviors.map((behavior, at) => [`1.1.${at}`, { behavior, behaviorClose: 'OK' }]),
  );
const verdict = (cases, whole = false) => complaints(count(cases), whole);

describe('the verdict', () => {
  test('counts how the cases ended', () => {
    const { total, ends } = count(report('OK', 'OK', 'INFORMATIONAL'));
    expect({ total, ends }).toEqual({ total: 3, ends: { OK: 2, INFORMATIONAL: 1 } });
  });

  test('allows two non-strict cases and no failed one', () => {
    expect(verdict(report('OK', 'NON-STRICT', 'NON-STRICT', 'INFORMATIONAL'))).toEqual([]);
    expect(verdict(report('NON-STRICT', 'NON-STRICT', 'NON-STRICT'))).toHaveLength(1);
    for (const behavior of ['FAILED', 'WRONG CODE', 'UNCLEAN', 'UNIMPLEMENTED', 'new']) {
      expect(verdict(report('OK', behavior))).toEqual([`1.1.1: ${behavior}, close OK`]);
    }
    const unclean = { '7.1.1': { behavior: 'OK', behaviorClose: 'UNCLEAN' } };
    expect(verdict(unclean)).toEqual(['7.1.1: OK, close UNCLEAN']);
  });

  test('wants all of them', () => {
    expect(verdict(report('OK'), true)).toEqual(['only 1 of 301 cases were run']);
    expect(verdict({}, true)).toHaveLength(1);
  });
});
