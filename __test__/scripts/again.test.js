// The second try: which suites get one, which result counts, and how failures are printed.
'use strict';

const {
  MOST,
  filesAgain,
  mergeCargo,
  mergeJest,
  quoteChildren,
  targetsAgain,
} = require('../../scripts/suite/again.cjs');
const { countCargo, countJest, line, total } = require('../../scripts/test.cjs');
const { LINES, TOLD, told, whyCargo, whyJest } = require('../../scripts/suite/why.cjs');

/** What a test program prints. @param {Record<string, 'ok' | 'FAILED'>} tests */
function program(tests) {
  const names = Object.keys(tests);
  const failed = names.filter((name) => tests[name] === 'FAILED');
  const blocks = failed.map(
    (name) => `---- ${name} stdout ----\nthread '${name}' panicked\nno ${name}\n`,
  );
  const failures = `\nfailures:\n\n${blocks.join('\n')}\n\nfailures:\n    ${failed.join('\n    ')}\n`;
  const result = failed.length > 0 ? 'FAILED' : 'ok';
  return [
    `\nrunning ${names.length} test${names.length === 1 ? '' : 's'}`,
    ...names.map((name) => `test ${name} ... ${tests[name]}`),
    `\nsuccesses:\n\n---- fine stdout ----\na word\n\n\nsuccesses:\n    fine\n`,
    failed.length > 0 ? failures : '',
    `test result: ${result}. ${names.length - failed.length} passed; ${failed.length} failed; 0 ignored; 0 measured\n`,
  ].join('\n');
}

const FIRST = {
  stdout: program({ a: 'ok', b: 'ok' }) + program({ curl: 'FAILED', fine: 'ok' }),
  stderr: 'error: 1 target failed:\n    `-p loopwire-forward --test peers`\n',
};
const target = ['-p', 'loopwire-forward', '--test', 'peers'];

/** @param {ReturnType<typeof mergeCargo>} merged */
const counted = ({ stdout, code }) => countCargo(stdout, code);

describe('cargo', () => {
  test('a target that failed runs again', () => {
    expect(targetsAgain(FIRST)).toEqual([target]);
  });

  test('what passes the second time has passed, once, and is named', () => {
    const stdout = program({ curl: 'ok', fine: 'ok' });
    const merged = mergeCargo(FIRST, [{ target, stdout, code: 0 }]);
    expect(counted(merged)).toEqual({ passed: 4, failed: 0, skips: [], notes: [] });
    expect(merged.notes).toEqual([
      'passed on the second try: curl (-p loopwire-forward --test peers)',
    ]);
  });

  describe('a test that runs its own program as a child, and prints what that printed', () => {
    /** @param {string} printed */
    const parent = (printed) =>
      program({ parent: 'ok', child: 'ok' }).replace('a word', () => printed);
    const child = program({ inside: 'ok' }).replace(/\nsuccesses:[^]*?fine\n\n/, '');
    // With `--nocapture` there are no blocks of what was captured.
    const failed = program({ inside: 'FAILED' }).replace(/---- [^]*?\n\n\n/g, '');
    const killed = '\nrunning 1 test\n107 errors, back after 421 µs';

    test.each([
      ['one that has passed', child],
      ['one that has failed', failed],
      ['one that was killed', killed],
    ])('%s is not counted', (_, printed) => {
      const stdout = quoteChildren(parent(printed));
      expect(countCargo(stdout, 0)).toEqual({ passed: 2, failed: 0, skips: [], notes: [] });
    });

    test('one that was killed does not keep another target from its second try', () => {
      const stdout = quoteChildren(parent(killed) + FIRST.stdout);
      expect(targetsAgain({ ...FIRST, stdout })).toEqual([target]);
    });
  });

  test('what fails twice is a failure', () => {
    const stdout = program({ curl: 'FAILED', fine: 'ok' });
    const merged = mergeCargo(FIRST, [{ target, stdout, code: 101 }]);
    expect(counted(merged)).toMatchObject({ passed: 3, failed: 1 });
    expect(merged.notes).toEqual([]);
  });

  test('what fails the second time alone is a failure, too', () => {
    const stdout = program({ curl: 'ok', fine: 'FAILED' });
    expect(counted(mergeCargo(FIRST, [{ target, stdout, code: 101 }])).failed).toBe(1);
  });

  test('a program that broke down counts as what it comes to the second time', () => {
    const first = { stdout: `${program({ a: 'ok' })}\nrunning 2 tests\ntest fine ... ok\n` };
    const good = { target, stdout: program({ curl: 'ok', fine: 'ok' }), code: 0 };
    const merged = mergeCargo(first, [good]);
    expect(counted(merged)).toMatchObject({ passed: 3, failed: 0 });
    expect(merged.notes).toEqual([
      'passed on the second try: all of it (-p loopwire-forward --test peers)',
    ]);
    const bad = { target, stdout: '\nrunning 2 tests\n', code: 101 };
    expect(counted(mergeCargo(first, [bad]))).toMatchObject({ passed: 1, failed: 1 });
  });

  test('a second try that runs nothing saves nothing', () => {
    expect(counted(mergeCargo(FIRST, [{ target, stdout: '', code: 0 }])).failed).toBe(1);
  });

  test('no second try for what does not compile, for many, for documentation', () => {
    expect(targetsAgain({ stdout: '', stderr: 'error: could not compile `x`\n' })).toEqual([]);
    const many = Array.from({ length: MOST + 1 }, (_, at) => `    \`-p x --test t${at}\`\n`);
    const stderr = `error: ${many.length} targets failed:\n${many.join('')}`;
    expect(targetsAgain({ stdout: '', stderr })).toEqual([]);
    const doc = 'error: 1 target failed:\n    `-p x --doc`\n';
    expect(targetsAgain({ stdout: '', stderr: doc })).toEqual([]);
  });

  test('no second try where a failure would be lost by it', () => {
    const stdout = FIRST.stdout + program({ other: 'FAILED' });
    expect(targetsAgain({ ...FIRST, stdout })).toEqual([]);
  });
});

/** @param {string} name @param {Record<string, string>} tests */
const file = (name, tests) => ({
  name,
  status: Object.values(tests).includes('failed') ? 'failed' : 'passed',
  message: '',
  assertionResults: Object.entries(tests).map(([fullName, status]) => ({
    fullName,
    status,
    failureMessages: status === 'failed' ? [`no ${fullName}`] : [],
  })),
});
const unloaded = (/** @type {string} */ name) => ({
  name,
  status: 'failed',
  message: 'cannot be loaded',
  assertionResults: [],
});

/** @param {any[]} testResults */
function report(testResults) {
  const tests = testResults.flatMap((each) => each.assertionResults);
  const count = (/** @type {string} */ status) =>
    tests.filter((each) => each.status === status).length;
  return {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numRuntimeErrorTestSuites: testResults.filter(
      (each) => each.status === 'failed' && each.assertionResults.length === 0,
    ).length,
    testResults,
  };
}

describe('jest', () => {
  const first = report([
    file('/good', { a: 'passed', later: 'pending' }),
    file('/bad', { b: 'failed', c: 'passed', without: 'pending' }),
    unloaded('/torn'),
  ]);

  test('the files that failed run again, unless they are many', () => {
    expect(filesAgain(first)).toEqual(['/bad', '/torn']);
    expect(filesAgain(null)).toEqual([]);
    const many = Array.from({ length: MOST + 1 }, (_, at) => unloaded(`/${at}`));
    expect(filesAgain(report(many))).toEqual([]);
  });

  test('what passes the second time has passed, once, and is named', () => {
    const second = report([
      file('/bad', { b: 'passed', c: 'passed', without: 'pending' }),
      file('/torn', { d: 'passed' }),
    ]);
    const merged = mergeJest(first, second);
    const counts = countJest(merged.report, 0);
    expect(line(total([counts], { all: false, allowed: {} }))).toBe(
      '4 passed, 0 failed, 2 skipped',
    );
    expect(merged.notes).toEqual([
      'passed on the second try: b',
      'passed on the second try: /torn',
    ]);
  });

  test('what fails twice is a failure', () => {
    const second = report([
      file('/bad', { b: 'failed', c: 'passed', without: 'pending' }),
      unloaded('/torn'),
    ]);
    const merged = mergeJest(first, second);
    expect(countJest(merged.report, 1)).toMatchObject({ passed: 2, failed: 2 });
    expect(merged.notes).toEqual([]);
  });

  test('a second try that runs less than it should saves nothing', () => {
    for (const second of [null, report([]), report([file('/bad', { b: 'passed' })])]) {
      const merged = mergeJest(first, second);
      expect(countJest(merged.report, 0)).toMatchObject({ passed: 2, failed: 2 });
      expect(merged.notes).toEqual([]);
    }
  });
});

describe('why', () => {
  test('of a Rust test: what it printed, and nothing of those that passed', () => {
    expect(whyCargo(FIRST)).toEqual(["---- curl stdout ----\nthread 'curl' panicked\nno curl"]);
  });

  test('of a Rust program that crashed: its last lines and the signal', () => {
    const stderr =
      'error: test failed\n\nCaused by:\n  process (/x) (signal: 6, SIGABRT)\n     Running tests/y.rs\n';
    expect(whyCargo({ stdout: '\nrunning 1 test\nthe last word\n', stderr })).toEqual([
      '---- a test program did not end ----\nrunning 1 test\nthe last word',
      'Caused by:\n  process (/x) (signal: 6, SIGABRT)',
    ]);
  });

  test("of Jest's: the messages, and of a file that cannot be loaded", () => {
    expect(
      whyJest(report([file('/bad', { b: 'failed', c: 'passed' }), unloaded('/torn')])),
    ).toEqual(['---- b (/bad) ----\nno b', '---- /torn ----\ncannot be loaded']);
    expect(whyJest(null)).toEqual([]);
  });

  test('in bounds, each and all', () => {
    const long = file('/bad', { b: 'failed' });
    long.assertionResults[0].failureMessages = [`first\n${'more\n'.repeat(500)}last`];
    const [text] = whyJest(report([long]));
    expect(text.split('\n')).toHaveLength(LINES + 1);
    expect(text).toMatch(/^---- b .*\nfirst\n[^]*lines left out[^]*\nlast$/);
    expect(told(Array(TOLD + 3).fill('x'))).toMatch(/\n… and 3 failures more \(see above\)$/);
  });
});
