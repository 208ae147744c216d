// The token of `loopwire serve` is for clients alone: no other program can read it.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { connect } = require('../support/channel/client.cjs');
const { file, loopwire: command } = require('../support/process/command-line.cjs');
const { when } = require('../support/needs.cjs');

/** Other tests run beside this one, with tokens of their own. */
const TOKEN = 'a-token-of-these-tests-alone';
const linux = when(process.platform === 'linux', 'Linux');
const LONG = 90_000;

/** A server that is ready: what it says of itself. */
async function serving(args, env) {
  const child = command(['serve', '--json', ...args], { env });
  return JSON.parse(await child.next());
}

linux.test('no token is in the list of processes', async () => {
  const { pid } = await serving(['--token-file', file('token', TOKEN)], {});
  const line = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  expect(line).toContain('serve');
  expect(line).not.toContain(TOKEN);
});

linux.test('a variable with a longer name is no reason for a warning', async () => {
  const env = { LOOPWIRE_TOKEN: TOKEN, MY_LOOPWIRE_TOKEN: 'mine', OTHER: 'LOOPWIRE_TOKEN=x' };
  const child = command(['serve', '--json'], { env });
  await child.next();
  child.process.kill('SIGTERM');
  expect(await child.ended).toMatchObject({ code: 0, errors: '' });
});

linux.test(
  'commands cannot read it from any process, not even from the server that started them',
  async () => {
    const workspace = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-secret-'));
    try {
      const facts = await serving(['--workspace', workspace], { LOOPWIRE_TOKEN: TOKEN });
      const client = await connect(facts, { form: 'bearer', token: TOKEN, flags: 'v=1' });
      const data = {
        command: "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'; echo $PPID",
        id: 't',
      };
      client.send({ type: 'terminal:execute', data });
      let output = '';
      for (const text of await client.until((one) => one.includes('"terminal:exit"'))) {
        const message = JSON.parse(text);
        if (message.type === 'terminal:output') output += message.data.output;
      }
      const lines = output.trimEnd().split('\n');
      expect(lines.at(-1)).toBe(String(facts.pid));
      expect(lines.filter((line) => line.startsWith('PATH=')).length).toBeGreaterThan(1);
      expect(lines.filter((line) => line.includes(TOKEN))).toEqual([]);
    } finally {
      fs.rmSync(workspace, { recursive: true, force: true });
    }
  },
  LONG,
);
