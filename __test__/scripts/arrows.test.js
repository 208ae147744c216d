// The check of the crates' arrows finds what it is there to find.
'use strict';

const { violations } = require('../../scripts/arrows.cjs');
const lib = require('../../scripts/lib.cjs');

/** @param {string} name @param {string[]} dependencies @param {Record<string, string>} [sources] */
const crate = (name, dependencies, sources = {}) => ({
  name,
  dependencies: dependencies.map((dependency) => ({ name: dependency })),
  sources,
});

test.each([
  ['an engine that imports the other', crate('loopwire-forward', ['loopwire-workspace'])],
  ['a channel that knows an engine', crate('loopwire-channel', ['loopwire-forward'])],
  ['a binding that goes past the runtime', crate('loopwire-node', ['loopwire-forward'])],
  ['napi outside the addon', crate('loopwire-runtime', ['napi-derive'])],
  ['a C function outside capi', crate('loopwire-forward', [], { 'a.rs': 'extern "C" fn f() {}' })],
  ['a crate that nobody drew', crate('loopwire-extra', [])],
  ['what tests share in a build that is shipped', crate('loopwire-client', ['loopwire-testing'])],
])('%s is told', (_, one) => {
  expect(violations([one])).toHaveLength(1);
});

test('what is drawn is let through', () => {
  const comment = { 'a.rs': '// no extern "C" here' };
  expect(
    violations([
      crate('loopwire-channel', ['tokio'], comment),
      crate('loopwire-runtime', ['loopwire-channel', 'loopwire-forward', 'loopwire-workspace']),
      crate('loopwire-node', ['loopwire-channel', 'loopwire-runtime', 'napi', 'napi-build'], {
        'lib.rs': 'unsafe extern "C" fn f() {}',
      }),
      { ...crate('loopwire-trust', []), dependencies: [{ name: 'loopwire-testing', kind: 'dev' }] },
      {
        ...crate('loopwire-client', []),
        dependencies: [{ name: 'loopwire-testing', optional: true }],
      },
      crate('loopwire-capi', ['loopwire-runtime'], { 'lib.rs': 'extern "C" fn f() {}' }),
    ]),
  ).toEqual([]);
});

test('this tree is as it is drawn', async () => {
  const { code, output } = await lib.run(process.execPath, ['scripts/arrows.cjs'], {
    capture: true,
  });
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('as drawn') });
});
