// `loopwire serve --inspect`: the page is there, and its address has the token only where a person sees it.
'use strict';

const { when } = require('../support/needs.cjs');
const { loopwire: command } = require('../support/process/command-line.cjs');
const { TOKEN, onTerminal, served } = require('../support/process/served.cjs');

const LONG = 120_000;
const unix = when(process.platform !== 'win32', 'terminals of Unix');

test('as JSON it names the page without the token, and serves it', async () => {
  const child = command(['serve', '--json', '--inspect'], {});
  const facts = JSON.parse(await child.next());
  expect(facts.inspect).toBe(`http://127.0.0.1:${facts.port}/inspect`);
  const page = await fetch(facts.inspect);
  expect([page.status, page.headers.get('content-type')]).toEqual([
    200,
    'text/html; charset=utf-8',
  ]);
  expect(await page.text()).not.toContain(facts.token);
});

test('without the option there is no page, and no word of it', async () => {
  const child = command(['serve', '--json'], {});
  const facts = JSON.parse(await child.next());
  expect(facts).not.toHaveProperty('inspect');
  expect((await fetch(`http://127.0.0.1:${facts.port}/inspect`)).status).toBe(404);
});

test('as text that goes elsewhere than to a terminal, it names the page without the token', async () => {
  const child = command(['serve', '--pretty', '--inspect', '--tls-self-signed'], {});
  const lines = await child.until((line) => line.startsWith('inspector '));
  expect(lines.at(-1)).toMatch(/^inspector {4}https:\/\/127\.0\.0\.1:\d+\/inspect$/);
});

unix.describe('on a terminal', () => {
  const serve = ['serve', '--inspect', '--no-color'];

  test(
    'the address has the token that was generated, in its fragment',
    async () => {
      const { workspace } = await served();
      const screen = await onTerminal(workspace, serve, {
        before: 'unset LOOPWIRE_TOKEN;',
        cols: 200,
      });
      const [, token] = await screen.until(/token {8}([\w-]{43})\r\n/);
      const [, url] = await screen.until(/inspector {4}(\S+)\r\n/);
      const { origin, pathname, search, hash } = new URL(url);
      expect([pathname, search, hash]).toEqual(['/inspect', '', `#token=${token}`]);
      expect((await fetch(`${origin}/inspect`)).status).toBe(200);
      process.kill(await screen.pid(), 'SIGTERM');
      expect(await screen.end()).toEqual({ code: 0, restored: true });
    },
    LONG,
  );

  test(
    'a token that was given is not shown',
    async () => {
      const { workspace } = await served();
      const screen = await onTerminal(workspace, serve, { cols: 200 });
      await screen.until(/inspector {4}http:\/\/127\.0\.0\.1:\d+\/inspect\r\n/);
      process.kill(await screen.pid(), 'SIGTERM');
      await screen.end();
      expect(screen.text).not.toContain(TOKEN);
    },
    LONG,
  );
});
