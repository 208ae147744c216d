// That a file begins with nothing of what the one before it left in the native core: a run of Jest on two files of its own.
'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { toolPath } = require('../../scripts/lib.cjs');

const root = path.resolve(__dirname, '..', '..');
const support = (file) => path.join(root, '__test__', 'support', file);
/** Far longer than both files take. */
const PATIENCE_MS = 20_000;

/** It leaves a small journal, a listener, a workspace, a range of ports, and their events. */
const LEAVING = `
const loopwire = require(${JSON.stringify(root)});

test('leaves something', () => {
  loopwire.configure({ journalEvents: 1024 });
  const listener = loopwire.startEventListener(0, loopwire.generateToken(), () => {});
  loopwire.openWorkspace(__dirname, { watch: 'onDemand' });
  loopwire.setRangePort(61_000, 61_005);
  require('node:fs').writeFileSync('epoch', listener.stats().epoch);
});
`;

/** It has another journal of the usual size, no range, and may open a workspace. */
const LOOKING = `
const loopwire = require(${JSON.stringify(root)});

test('sees nothing of it', () => {
  const listener = loopwire.startEventListener(0, loopwire.generateToken(), () => {});
  expect(listener.stats().epoch).not.toBe(require('node:fs').readFileSync('epoch', 'utf8'));
  for (let n = 0; n < 10_000; n += 1) expect(loopwire.emit('my:number')).toBe(true);
  expect(loopwire.getPorts()).not.toContain(61_000);
  loopwire.openWorkspace(__dirname, { watch: 'onDemand' });
});
`;

const SEQUENCER = `
const { default: Sequencer } = require(${JSON.stringify(require.resolve('@jest/test-sequencer'))});
module.exports = class extends Sequencer {
  sort(tests) {
    return [...tests].sort((one, other) => (one.path < other.path ? -1 : 1));
  }
};
`;

/** Runs both files in one process: how each test ended, and whether the process did by itself. */
async function ran() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-environment-'));
  try {
    fs.writeFileSync(path.join(folder, '1.test.js'), LEAVING);
    fs.writeFileSync(path.join(folder, '2.test.js'), LOOKING);
    fs.writeFileSync(path.join(folder, 'sequencer.cjs'), SEQUENCER);
    const config = {
      rootDir: folder,
      setupFilesAfterEnv: [support('watch.cjs')],
      testEnvironment: support('environment.cjs'),
    };
    const args = [toolPath('jest'), '--json', '-i', '--config', JSON.stringify(config)];
    args.push('--testSequencer', path.join(folder, 'sequencer.cjs'));
    const how = { cwd: folder, timeout: PATIENCE_MS };
    const [killed, output] = await new Promise((resolve) => {
      execFile(process.execPath, args, how, (error, out) => resolve([error?.killed ?? false, out]));
    });
    const ends = JSON.parse(output).testResults.map(({ assertionResults }) => assertionResults);
    return { killed, ends: ends.flat().map(({ title, status }) => [title, status]) };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

test('what a file leaves in the package ends with it', async () => {
  expect(await ran()).toEqual({
    killed: false,
    ends: [
      ['leaves something', 'passed'],
      ['sees nothing of it', 'passed'],
    ],
  });
});
