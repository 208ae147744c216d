// The second try: what of a run failed, and what stands once that has run again, alone.
//
// The machines that run this are shared, and stall for seconds at a time; a test that waits for real sockets
// and processes then fails for no fault of the code. A real break fails twice, so the second try hides none:
// what passes by it is named in the notes, for somebody to make it patient.
'use strict';

/** More than that fail for a reason. */
const MOST = 5;

const PROGRAM = /^running \d+ tests?\n/;
const RESULT = /^test result: \S+ \d+ passed; (\d+) failed;/m;

/** cargo colours its words where it thinks that somebody looks. @param {string} text */
const plain = (text) => text.replace(/\x1b\[[0-9;]*m/g, '');

const BEGIN = /^running (\d+) tests?$/;
const END = /^test result: \S+ (\d+) passed; (\d+) failed; (\d+) ignored; (\d+) measured\b/;
const BLOCK = /^---- .+ stdout ----$/;

/**
 * Marks as quoted what a test's own child printed that is a test program, too. Its words would be taken for those of a
 * program that cargo has started: counted twice, and "not ended" when it was killed on purpose.
 *
 * @param {string} stdout
 * @returns {string}
 */
function quoteChildren(stdout) {
  // How many tests the program has, then its child's, and so on.
  /** @type {number[]} */
  let open = [];
  const lines = plain(stdout).split('\n');
  return lines
    .map((text) => {
      const begin = BEGIN.exec(text);
      if (begin) open.push(Number(begin[1]));
      // What a test printed ends where the next one's begins, also if its child did not end.
      else if (BLOCK.test(text)) open = open.slice(0, 1);
      const quoted = open.length > 1;
      const end = END.exec(text);
      if (!end) return quoted ? `| ${text}` : text;
      const sum = end.slice(1).reduce((all, count) => all + Number(count), 0);
      const whose = open.lastIndexOf(sum);
      open = open.slice(0, Math.max(whose, 0));
      return whose > 0 ? `| ${text}` : text;
    })
    .join('\n');
}

/**
 * What each test program printed, in their order.
 *
 * @param {string} stdout
 * @returns {{text: string, ended: boolean, good: boolean}[]} `ended`: it came to its result line
 */
function programs(stdout) {
  const texts = plain(stdout).split(/^(?=running \d+ tests?$)/m);
  return texts
    .filter((text) => PROGRAM.test(text))
    .map((text) => {
      const failed = RESULT.exec(text)?.[1];
      return { text, ended: failed !== undefined, good: failed === '0' };
    });
}

/**
 * The arguments that select each target that cargo says has failed; none if a second try would prove nothing.
 *
 * @param {{stdout: string, stderr: string}} run
 * @returns {string[][]}
 */
function targetsAgain({ stdout, stderr }) {
  const [, list] = /^error: \d+ targets? failed:\n((?: +`.+`\n?)+)/m.exec(plain(stderr)) ?? [];
  const targets = [...(list ?? '').matchAll(/`(.+)`/g)].map(([, args]) => args.split(' '));
  // Documentation's tests wait for nothing, and one target of theirs is several programs.
  const waits = !targets.some((args) => args.includes('--doc'));
  // A program that is none of theirs would not run again, and its failure be lost.
  const failed = programs(stdout).filter(({ good }) => !good);
  const sensible = waits && targets.length <= MOST && failed.length <= targets.length;
  return sensible ? targets : [];
}

/** @param {string} stdout @param {'ok' | 'FAILED'} result */
const named = (stdout, result) =>
  [...plain(stdout).matchAll(/^test (.+?) \.\.\. (\w+)$/gm)]
    .filter(([, , ended]) => ended === result)
    .map(([, name]) => name);

/**
 * What cargo's run says after the second try of all targets that failed.
 *
 * @param {{stdout: string}} first
 * @param {{target: string[], stdout: string, code: number}[]} second
 * @returns {{stdout: string, code: number, notes: string[]}}
 */
function mergeCargo(first, second) {
  const kept = programs(first.stdout).filter(({ good }) => good);
  const failed = named(first.stdout, 'FAILED');
  const notes = [];
  let worst = 0;
  for (const { target, stdout, code } of second) {
    // Nothing that ran is nothing that passed.
    worst ||= code || (programs(stdout).length === 0 ? 1 : 0);
    const passed = new Set(named(stdout, 'ok'));
    const saved = failed.filter((name) => passed.has(name));
    // A program that broke down names no test.
    const names = saved.length === 0 && code === 0 ? ['all of it'] : saved;
    notes.push(...names.map((name) => `passed on the second try: ${name} (${target.join(' ')})`));
  }
  return {
    stdout: [...kept.map(({ text }) => text), ...second.map(({ stdout }) => stdout)].join('\n'),
    code: worst,
    notes,
  };
}

/** @param {any} file of Jest's report */
const broken = (file) => file.status === 'failed';

/**
 * The files that Jest says have failed; none if a second try would prove nothing.
 *
 * @param {any} report null if Jest wrote none
 * @returns {string[]}
 */
function filesAgain(report) {
  const files = (report?.testResults ?? [])
    .filter(broken)
    .map((/** @type {any} */ file) => file.name);
  return files.length <= MOST ? files : [];
}

/** @param {any[]} files @param {string} status */
const tests = (files, status) =>
  files.flatMap((file) =>
    file.assertionResults.filter((/** @type {any} */ test) => test.status === status),
  );

/**
 * Jest's report after the second try of all files that failed.
 *
 * @param {any} first
 * @param {any} second null if Jest wrote none
 * @returns {{report: any, notes: string[]}}
 */
function mergeJest(first, second) {
  const again = first.testResults.filter(broken);
  if (second?.testResults.length !== again.length) return { report: first, notes: [] };
  const kept = first.testResults.filter((/** @type {any} */ file) => !broken(file));
  const passed = new Set(tests(second.testResults, 'passed').map(({ fullName }) => fullName));
  const saved = tests(again, 'failed')
    .map(({ fullName }) => fullName)
    .filter((name) => passed.has(name));
  for (const { name, assertionResults } of again) {
    // A file that could not be loaded names no test.
    const loaded = second.testResults.some(
      (/** @type {any} */ file) => file.name === name && !broken(file),
    );
    if (assertionResults.length === 0 && loaded) saved.push(name);
  }
  return {
    report: {
      numPassedTests: tests(kept, 'passed').length + second.numPassedTests,
      numFailedTests: second.numFailedTests,
      numRuntimeErrorTestSuites: second.numRuntimeErrorTestSuites,
      testResults: [...kept, ...second.testResults],
    },
    notes: saved.map((name) => `passed on the second try: ${name}`),
  };
}

module.exports = {
  MOST,
  filesAgain,
  mergeCargo,
  mergeJest,
  named,
  plain,
  programs,
  quoteChildren,
  targetsAgain,
};
