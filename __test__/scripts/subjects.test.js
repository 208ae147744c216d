// The check of commit subjects, on a history of its own.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { tooLong, unreadable } = require('../../scripts/subjects.cjs');
const { needs } = require('../support/needs.cjs');

needs('git').describe('commit subjects', () => {
  let folder;
  const git = (...args) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
  const commit = (subject) => {
    const author = ['-c', 'user.name=A', '-c', 'user.email=a@b.test', '-c', 'commit.gpgsign=false'];
    git(...author, 'commit', '--quiet', '--allow-empty', '--no-verify', '-m', subject);
    return git('rev-parse', '--short', 'HEAD');
  };

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-subjects-'));
    git('init', '--quiet');
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  test('those of more than 72 characters since the base are named', async () => {
    const base = commit('x'.repeat(90));
    commit('é'.repeat(72));
    const long = commit(`${'y'.repeat(73)}\n\nIts body.`);
    expect(await tooLong(base, folder)).toEqual([`${long} ${'y'.repeat(73)}`]);
    expect(await tooLong(long, folder)).toEqual([]);
  });

  test('a copy without the base says that it cannot tell', () => {
    const base = commit('one');
    expect(unreadable(base, folder)).toBe(null);
    expect(unreadable('1234567', folder)).toBe(
      'needs git and a clone with the commits since 1234567',
    );
  });
});
