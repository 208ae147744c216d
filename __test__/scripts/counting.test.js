// Counting test results: what scripts/test.cjs reads from cargo's and Jest's output.
'use strict';

const { countCargo, countJest, line, notOrdered, tally, total } = require('../../scripts/test.cjs');

const CARGO = `
running 3 tests
test guard::hosts ... ok
test guard::slow ... ignored, takes an hour
test relay::curl ... ok

successes:

---- relay::curl stdout ----
SKIPPED: relay::curl: no curl

test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
`;

/** @param {any[]} tests @param {object} [more] */
const report = (tests, more) => ({
  numPassedTests: tests.filter((test) => test.status === 'passed').length,
  numFailedTests: tests.filter((test) => test.status === 'failed').length,
  numRuntimeErrorTestSuites: 0,
  testResults: [{ assertionResults: tests }],
  ...more,
});

describe('cargo', () => {
  test('sums the result lines and takes a skipped test out of the passed ones', () => {
    expect(countCargo(CARGO, 101)).toEqual({
      passed: 5,
      failed: 1,
      skips: [
        { name: 'guard::slow', reason: 'takes an hour' },
        { name: 'relay::curl', reason: 'no curl' },
      ],
      notes: [],
    });
  });

  test('a test that fails is named', () => {
    expect(countCargo('test relay::curl ... FAILED\n', 101).notes[0]).toBe('failed: relay::curl');
  });

  test('a build that fails is a failure', () => {
    expect(countCargo('error: could not compile', 101)).toMatchObject({ passed: 0, failed: 1 });
  });
});

describe('jest', () => {
  test('a skipped test gives its name and the reason in its brackets', () => {
    const tests = [
      { status: 'passed', fullName: 'a' },
      { status: 'pending', fullName: 'a page connects [needs chromium: apt-get install chromium]' },
      { status: 'todo', fullName: 'later' },
    ];
    expect(countJest(report(tests), 0)).toMatchObject({
      passed: 1,
      failed: 0,
      skips: [
        { name: 'a page connects', reason: 'needs chromium: apt-get install chromium' },
        { name: 'later', reason: '' },
      ],
    });
  });

  test('a test that fails is named', () => {
    const tests = [{ status: 'failed', fullName: 'a page connects' }];
    expect(countJest(report(tests), 1).notes).toEqual(['failed: a page connects']);
  });

  test('a file that does not load and a run without a report are failures', () => {
    expect(countJest(report([], { numRuntimeErrorTestSuites: 1 }), 1).failed).toBe(1);
    expect(countJest(null, 134).failed).toBe(1);
  });
});

describe('total', () => {
  const suite = { passed: 2, failed: 0, skips: [{ name: 'x', reason: 'no x' }], notes: [] };

  test('a skip counts as skipped', () => {
    expect(line(total([suite, suite], { all: false, allowed: {} }))).toBe(
      '4 passed, 0 failed, 2 skipped',
    );
  });

  test('under LOOPWIRE_ALL a skip fails unless it is listed', () => {
    const strict = total([suite], { all: true, allowed: {} });
    expect(line(strict)).toBe('2 passed, 1 failed, 0 skipped');
    expect(strict.notes).toEqual(['skipped, which LOOPWIRE_ALL forbids: x (no x)']);
    expect(strict.refused).toEqual(['no x']);
    const listed = total([suite], { all: true, allowed: { x: 'a reason' } });
    expect(line(listed)).toBe('2 passed, 0 failed, 1 skipped');
    expect(listed.refused).toEqual([]);
  });

  test('a reason that keeps many tests from running is told once, with their number', () => {
    expect(tally(['no x', 'no y', 'no y'])).toEqual(['2: no y', '1: no x']);
  });

  test('what failed is told behind the skips that are permitted', () => {
    const failed = { ...suite, failed: 1, notes: ['failed: y'] };
    const { notes } = total([failed, suite], { all: true, allowed: { x: 'a reason' } });
    expect(notes).toEqual(['skipped: x (no x)', 'skipped: x (no x)', 'failed: y']);
  });
});

describe('what no test ordered', () => {
  const PANIC = "thread 'loopwire' (9) panicked at crates/a/src/b.rs:1:2:\nit broke";

  test('a panic anywhere in the output is named', () => {
    expect(notOrdered(`running 1 test\n${PANIC}\n`, new Set())).toEqual([
      'loopwire: panicked at crates/a/src/b.rs:1:2',
    ]);
  });

  test('one that its program tells of at its end is named once', () => {
    const told = 'loopwire: panicked at crates/a/src/b.rs:1:2: it broke';
    expect(notOrdered(`${PANIC}\nNOT ORDERED: ${told}\n`, new Set())).toEqual([told]);
  });

  test('the panic of a test that failed is that failure', () => {
    const output = "thread 'a::test' panicked at crates/a/src/b.rs:1:2:\nassertion failed";
    expect(notOrdered(output, new Set(['a::test']))).toEqual([]);
    expect(notOrdered(output, new Set())).toHaveLength(1);
  });

  test('a fault in the log is named', () => {
    const fault = '2026-01-01T00:00:00Z ERROR loopwire_channel::fault: fault component="accept"';
    expect(notOrdered(`a\n${fault}\nb`, new Set())).toEqual([fault]);
  });

  test('words of tests that only quote a panic are none', () => {
    expect(notOrdered("    thread 'a' panicked at b.rs:1:2:\n", new Set())).toEqual([]);
  });
});
