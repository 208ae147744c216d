// The arguments of the forward engine: wrong ones throw at once, with a code, before anything starts.
'use strict';

const { forwarding, loopwire } = require('../../support/forward/forwarding.cjs');
const { detailedEvents } = require('../../support/forward/details.cjs');

const TYPE = ['TypeError', /^(ERR_INVALID_ARG_TYPE|ERR_INVALID_ARG_VALUE|ERR_UNKNOWN_OPTION)$/];
const RANGE = ['RangeError', /^(ERR_OUT_OF_RANGE|ERR_SOCKET_BAD_PORT)$/];

// Each kind of argument: values of wrong types, and numbers that it cannot be. `undefined` is none where it may be left out.
const NUMBERS = {
  types: ['1', null, {}, [], true, 1n, undefined],
  ranges: [NaN, -1, 1.5, Infinity],
};
const KINDS = {
  port: { ...NUMBERS, ranges: [...NUMBERS.ranges, 0, 65_536] },
  switch: { ...NUMBERS, ranges: [...NUMBERS.ranges, 2] },
  limit: NUMBERS,
  seconds: { ...NUMBERS, ranges: [...NUMBERS.ranges, 0, 2_678_401] },
  protocol: { ...NUMBERS, ranges: [...NUMBERS.ranges, 3] },
  string: { types: [1, null, {}, [], true, 1n, undefined], ranges: [] },
  json: { types: [1, null, {}, [], true, undefined], ranges: [] },
  list: {
    types: [1, '1', null, {}, undefined, [null], ['1'], [,]], // oxlint-disable-line no-sparse-arrays
    ranges: [[0], [-1], [1.5], [NaN], [65_536], Uint32Array.of(0), Uint32Array.of(65_536)],
  },
  // How many of one count.
  n: { types: ['1', null, {}, true], ranges: [-1, 1.5, NaN, 99] },
  object: { types: [1, '1', null, true, { nobody: 1 }], ranges: [] },
  forward: { types: [1, '1', null, true, undefined, {}], ranges: [] },
};
const optional = (kind) => `${kind}?`;
const PORT = ['port', 60_001];
const SWITCH = ['switch', 0];
const TEXT = ['string', 'text'];
const MAYBE = [optional('string'), '1'];
const JSON_TEXT = ['json', '{}'];
const LIST = ['list', [60_001]];
const COUNT = ['n', 1];

/** Every function of the forward engine that takes something: its arguments as `[kind, one that would do]`. */
const FUNCTIONS = {
  checkPortAvailable: [PORT],
  configure: [['object', {}]],
  createProxyByPortConfigs: [TEXT, MAYBE, LIST, COUNT],
  createWithConfigure: [TEXT, LIST, COUNT, JSON_TEXT],
  createWithId: [PORT, TEXT, MAYBE, MAYBE],
  enableAutoRenew: [SWITCH],
  enableAutoRotation: [SWITCH],
  forward: [['forward', {}]],
  getConfigJSON: [PORT],
  getPortsAvailable: [LIST, COUNT],
  getPortsFreeWithLimit: [['limit', 1]],
  getPortsWithLimit: [['limit', 1]],
  getPortsWithStartLimit: [PORT, ['limit', 1]],
  initialize: [MAYBE],
  isRunningPort: [PORT],
  putConfigPort: [PORT, JSON_TEXT, COUNT],
  quickCreateAtPort: [PORT, TEXT, MAYBE],
  quickCreateProxies: [TEXT, MAYBE, LIST, COUNT, [optional('switch'), 0]],
  removePort: [PORT],
  rotate: [PORT],
  setAPIHost: [TEXT],
  setAutoRotationSetting: [['seconds', 300], SWITCH],
  setConfigPorts: [JSON_TEXT, COUNT],
  setEnableProxyAuth: [SWITCH],
  setEnableProxyAuthen: [SWITCH],
  setHeader: [TEXT, TEXT],
  setProtocol: [['protocol', 0]],
  setProxyAuth: [SWITCH, TEXT, TEXT],
  setProxyAuthen: [SWITCH, TEXT, TEXT],
  setQuery: [TEXT, TEXT],
  setRangePort: [PORT, PORT],
  setRenewSetting: [['seconds', 60], ['limit', 0], SWITCH],
  setSaveDataPath: [TEXT],
  setUserCountryCode: [TEXT],
  startHttpApi: [PORT, ['object', {}]],
  testPort: [PORT],
  updateIpFormatAndPorts: [['string', '127.0.0.1:%d'], PORT, PORT],
};

/** Those that take nothing, and those of the channel and the workspace, which have tests of their own. */
const OTHERS = `
  cleanData closeTokenChan enableDebug getAPIHost getConfigsJSON getPorts getVersionInfo ports restoreData run
  getAutoRefreshProxyCountLimit getAutoRefreshProxyRateLimit getEnableAutoRenew runAsync sdkGetLastError shutdown
  stats stopHttpApi stopProxy stopCommunicate drained emit generateToken startCommunicate startEventListener
  openWorkspace
`
  .trim()
  .split(/\s+/);

/** Each wrong call of a function: `[arguments, [name, code]]`. */
function wrong(name) {
  const given = FUNCTIONS[name];
  return given.flatMap(([kind, good], at) => {
    const { types, ranges } = KINDS[kind.replace('?', '')];
    const calls = (values, error) =>
      values
        .filter((value) => value !== undefined || !kind.endsWith('?'))
        .map((value) => [given.map(([, other], index) => (index === at ? value : other)), error]);
    expect(good).toBeDefined();
    return [...calls(types, TYPE), ...calls(ranges, RANGE)];
  });
}

/** What a call throws; a Promise is no throw. */
function thrown(name, given) {
  try {
    const result = loopwire[name](...given);
    Promise.resolve(result).catch(() => {});
    return `nothing was thrown: ${result}`;
  } catch (error) {
    return [error.name, error.code];
  }
}

test('the table names every function of the forward engine', () => {
  const named = [...Object.keys(FUNCTIONS), ...OTHERS].sort();
  expect(named).toEqual(Object.keys(loopwire).sort());
});

test.each(Object.keys(FUNCTIONS))('%s throws at once, and nothing has begun', async (name) => {
  await forwarding();
  const events = detailedEvents();
  const before = [loopwire.getPorts(), loopwire.stats(), loopwire.getAPIHost()];
  for (const [given, [type, code]] of wrong(name)) {
    expect([given, ...thrown(name, given)]).toEqual([given, type, expect.stringMatching(code)]);
  }
  expect([loopwire.getPorts(), loopwire.stats(), loopwire.getAPIHost()]).toEqual(before);
  expect(await events.all()).toEqual([]);
});

test.each([
  [{ port: 0 }, RANGE],
  [{ port: 65_536 }, RANGE],
  [{ port: '60000' }, TYPE],
  [{ upstream: undefined }, TYPE],
  [{ upstream: 7 }, TYPE],
  [{ upstream: {} }, TYPE],
  [{ upstream: { id: 7 } }, TYPE],
  [{ accept: 'ftp' }, TYPE],
  [{ accept: null }, TYPE],
  [{ onRotate: 'reset' }, TYPE],
  [{ rotateOnError: 1 }, TYPE],
  [{ auth: { username: 'a:b', password: 'c' } }, TYPE],
  [{ auth: { username: 'a' } }, TYPE],
  [{ auth: { user: 'a' } }, TYPE],
  [{ probe: { host: 'h' } }, TYPE],
  [{ probe: { host: 'h', port: -1 } }, RANGE],
  [{ requestId: 7 }, TYPE],
  [{ request: '7' }, TYPE],
])('forward with %j throws at once', async (option, [type, code]) => {
  const { start } = await forwarding();
  const options = { port: start, upstream: 'direct:', ...option };
  expect(thrown('forward', [options])).toEqual([type, expect.stringMatching(code)]);
  expect(loopwire.ports()).toEqual([]);
});
