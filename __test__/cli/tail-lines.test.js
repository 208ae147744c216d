// `loopwire tail` for people: readable lines, with colours if wanted.
'use strict';

const { execFileSync } = require('node:child_process');
const loopwire = require('../..');
const { listeners } = require('../support/channel/client.cjs');
const { bin, environment, finished } = require('../support/process/command-line.cjs');
const { needs, tool } = require('../support/needs.cjs');

const TOKEN = 'a-token-for-the-tests';
const env = { LOOPWIRE_TOKEN: TOKEN };
const start = listeners(loopwire);

const urlOf = (listener) => `ws://127.0.0.1:${listener.port}`;

describe('readable lines', () => {
  const args = ['--replay', '--count', '3', '--quiet', '--pretty'];

  async function shown(more, extra = {}) {
    const listener = start({}, TOKEN);
    loopwire.emit('my:event', 'te\u001b[31mxt\u009b\u202e');
    loopwire.emit('my:data', { a: 1 });
    loopwire.emit('proxyError', 'r:req_proxy_config_error@no port available');
    const all = await finished(['tail', urlOf(listener), ...args, ...more], {
      env: { ...env, ...extra },
    });
    expect(all).toMatchObject({ code: 0, errors: '' });
    return all.lines;
  }

  test('have a time, a type and what there is to know, and nothing that a terminal obeys', async () => {
    const lines = await shown([]);
    expect(lines).toEqual([
      expect.stringMatching(
        /^\d\d:\d\d:\d\d\.\d{3} {2}my:event {2}te\\u001b\[31mxt\\u009b\\u202e$/,
      ),
      expect.stringMatching(/^\S+ {2}my:data {2}\{"a":1\}$/),
      expect.stringMatching(/^\S+ {2}proxyError {2}r:req_proxy_config_error@no port available$/),
    ]);
  });

  test('have colours with FORCE_COLOR, and none with NO_COLOR', async () => {
    const forced = { FORCE_COLOR: '1' };
    const colored = await shown([], forced);
    expect(colored[0]).toContain('\u001b[36mmy:event\u001b[0m');
    expect(colored[2]).toContain('\u001b[31mproxyError\u001b[0m');
    for (const lines of [
      await shown(['--no-color'], forced),
      await shown([], { ...forced, NO_COLOR: '1' }),
      await shown([], { FORCE_COLOR: '0' }),
    ]) {
      expect(lines.join('')).not.toContain('\u001b');
    }
  });

  needs('script').test('are what a terminal gets, in colour, unless it asks for none', async () => {
    const listener = start({}, TOKEN);
    loopwire.emit('my:event', 'x');
    const line = (more, extra = {}) => {
      const words = [
        process.execPath,
        bin,
        'tail',
        urlOf(listener),
        '--replay',
        '--count',
        '1',
        '-q',
        ...more,
      ];
      const said = execFileSync(tool('script'), ['-qec', words.join(' '), '/dev/null'], {
        env: environment({ ...env, TERM: 'xterm', ...extra }),
        stdio: ['ignore', 'pipe', 'inherit'],
        encoding: 'utf8',
      });
      return said.trim();
    };
    // `execFileSync` blocks this thread; the listener lives in others.
    expect(line([])).toContain('\u001b[36mmy:event\u001b[0m  x');
    expect(line([], { NO_COLOR: '1' })).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}my:event {2}x$/);
    expect(line(['--json'])).toMatch(/^\{"type":"my:event","payload":"x","seq":\d+\}$/);
  });
});
