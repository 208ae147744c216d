// The tools that other tests need: each is skipped by name if it is missing, and works if it is there.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { needs, tool, when } = require('../support/needs.cjs');

const PROGRAMS = [
  'chromium',
  'curl',
  'danted',
  'git',
  'haproxy',
  'ip',
  'microsocks',
  'openssl',
  'prlimit',
];
PROGRAMS.push('apt-get', 'java', 'python', 'squid', 'strace', 'tinyproxy', 'unshare', 'wget');
for (const name of PROGRAMS) {
  needs(name).test(`${name} is a program`, () => {
    fs.accessSync(tool(name), fs.constants.X_OK);
  });
}

needs('node22').test('node22 has a WebSocket of its own', () => {
  expect(execFileSync(tool('node22'), ['-p', 'typeof WebSocket'], { encoding: 'utf8' })).toBe(
    'function\n',
  );
});

needs('python-websockets').test('python-websockets has the asyncio client', () => {
  execFileSync(tool('python-websockets'), ['-c', 'from websockets.asyncio.client import connect']);
});

needs('python-requests').test('python-requests can go through SOCKS', () => {
  execFileSync(tool('python-requests'), ['-c', 'import requests, socks']);
});

needs('undici').test('undici has its proxy agents', () => {
  expect(require(tool('undici'))).toMatchObject({
    ProxyAgent: expect.any(Function),
    Socks5ProxyAgent: expect.any(Function),
  });
});

test('an unknown name is an error of needs.cjs', () => {
  expect(() => needs('abacus')).toThrow('no tool "abacus"');
});

describe('when', () => {
  when(true, 'nothing').test('what is there runs', () => {
    expect(when(true, '')).toEqual({ test, describe });
  });
  when(false, 'a moon').describe('a skipped group', () => {
    test('is counted test by test', () => {});
  });
  when(false, 'a moon').test.each([['only']])('a skipped row, the %s one', () => {});
  when(false, 'a moon').describe.each([['only']])('a skipped group, the %s one', () => {
    test('is counted, too', () => {});
  });
});
