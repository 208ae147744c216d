// The log: what fails says why on standard error if the environment asks for it, and never shows a secret.
'use strict';

const { start } = require('../support/process/child.cjs');
const { when } = require('../support/needs.cjs');

const posix = when(process.platform !== 'win32', 'a shell');

/** What the program wrote to standard error under these variables. */
async function written(variables) {
  const program = start('workspace/logging', {
    // The build that is shipped: the harness build has a subscriber of its own.
    variables: { NAPI_RS_NATIVE_LIBRARY_PATH: '', LOOPWIRE_LOG: '', NODE_DEBUG: '', ...variables },
  });
  const [refused] = await program.next();
  expect(refused).toBe('SPAWN_FAILED');
  const { code, errors } = await program.ended;
  expect(code).toBe(0);
  return errors;
}

const REASON =
  /WARN loopwire_workspace\S*: a command could not be started .*No such file or directory/;

posix.describe('the log', () => {
  test('is off unless a variable asks for it', async () => {
    expect(await written({})).toBe('');
    expect(await written({ NODE_DEBUG: 'http2' })).toBe('');
  });

  test('says why a command did not start', async () => {
    const lines = await written({ LOOPWIRE_LOG: 'warn' });
    expect(lines).toMatch(REASON);
    expect(lines).not.toContain('DEBUG');
  });

  test('is switched on by NODE_DEBUG, too', async () => {
    const lines = await written({ NODE_DEBUG: 'loopwire' });
    expect(lines).toMatch(REASON);
    expect(lines).toContain('INFO loopwire_runtime::');
    expect(lines).toMatch(
      /DEBUG loopwire_forward::.*the upstream cannot be reached: Connection refused/,
    );
    expect(lines).toMatch(/DEBUG loopwire_channel::.*refused reason="token"/);
  });

  test('can be that of one crate', async () => {
    const lines = await written({ LOOPWIRE_LOG: 'off,forward=debug' });
    expect(lines).toContain('DEBUG loopwire_forward::');
    expect(lines).not.toContain('loopwire_workspace');
  });

  test('names a level that there is not, and nothing else', async () => {
    const lines = await written({ LOOPWIRE_LOG: 'verbose' });
    expect(lines).toMatch(/^loopwire: LOOPWIRE_LOG ignored: `verbose` is not off, .*\n$/);
  });

  test('shows no secret at any level', async () => {
    const lines = await written({ LOOPWIRE_LOG: 'trace' });
    expect(lines).toMatch(REASON);
    expect(lines).not.toContain('secret-of-this-test');
    expect(lines).not.toContain('alice');
    for (const name of ['upstream', 'local', 'wrong']) {
      expect(lines).not.toContain(btoa(`alice:${name}-secret-of-this-test`));
    }
  });
});
