// Every argument of every function, and what it takes: a table that a test walks with every wrong type.
'use strict';

/**
 * The arguments of each function: a name, what is right, and how to call it with something else. What is an object of options
 * gets every wrong type for each option as well.
 *
 * @type {Record<string, [string, string[], (loopwire: any, value: any) => unknown][]>}
 */
const FUNCTIONS = {
  startEventListener: [
    ['port', ['number'], (l, v) => l.startEventListener(v, 'a-token-of-the-tests', () => {})],
    ['token', ['string'], (l, v) => l.startEventListener(0, v, () => {})],
    [
      'callback',
      ['function', 'undefined', 'null'],
      (l, v) => l.startEventListener(0, 'a-token-of-the-tests', v),
    ],
    [
      'options',
      ['undefined'],
      (l, v) => l.startEventListener(0, 'a-token-of-the-tests', () => {}, v),
    ],
    ...['onMessage', 'onConnection'].map((name) => [
      `options.${name}`,
      ['function', 'undefined'],
      (l, v) => l.startEventListener(0, 'a-token-of-the-tests', () => {}, { [name]: v }),
    ]),
    ...['heartbeatMs', 'stallMs', 'maxMessageBytes', 'maxConnections'].map((name) => [
      `options.${name}`,
      ['undefined'],
      (l, v) =>
        l.startEventListener(0, 'a-token-of-the-tests', () => {}, { [name]: v === 7 ? 0.5 : v }),
    ]),
    ...['insecure', 'detail', 'allowFileOrigin', 'inspector'].map((name) => [
      `options.${name}`,
      ['boolean', 'undefined'],
      (l, v) => l.startEventListener(0, 'a-token-of-the-tests', () => {}, { [name]: v }),
    ]),
    ...['host', 'delivery', 'format', 'tls', 'allowedHosts', 'allowedOrigins', 'signal'].map(
      (name) => [
        `options.${name}`,
        name.startsWith('allowed') ? ['undefined', 'array'] : ['undefined'],
        (l, v) => l.startEventListener(0, 'a-token-of-the-tests', () => {}, { [name]: v }),
      ],
    ),
  ],
  startCommunicate: [
    [
      'comType',
      ['number', 'nan', 'negative', 'unsafe'],
      (l, v) => l.startCommunicate(v, 0, 'a-token-of-the-tests'),
    ],
    ['port', ['number'], (l, v) => l.startCommunicate(1, v, 'a-token-of-the-tests')],
    ['token', ['string'], (l, v) => l.startCommunicate(1, 0, v)],
  ],
  emit: [
    ['type', ['string'], (l, v) => l.emit(v)],
    ['payload', ['undefined', 'string', 'object', 'array'], (l, v) => l.emit('my:type', v)],
    ['payload', ['undefined', 'string', 'object'], (l, v) => l.emit('my:type', v)],
  ],
  drained: [['options', ['undefined'], (l, v) => l.drained(v)]],
  generateToken: [['bytes', ['undefined'], (l, v) => l.generateToken(v)]],
  configure: [['settings', ['undefined'], (l, v) => l.configure(v)]],
  forward: [
    ['options', [], (l, v) => l.forward(v)],
    ['options.port', [], (l, v) => l.forward({ port: v === 7 ? 0 : v, upstream: 'direct://' })],
    ...['accept', 'onRotate', 'requestId', 'rotateOnError', 'probe', 'auth', 'signal'].map(
      (name) => [
        `options.${name}`,
        {
          requestId: ['string', 'undefined'],
          rotateOnError: ['boolean', 'undefined'],
          probe: ['null', 'undefined'],
        }[name] ?? ['undefined'],
        (l, v) => l.forward({ port: 60_000, upstream: 'direct://', [name]: v }),
      ],
    ),
    ['options.upstream', [], (l, v) => l.forward({ port: 60_000, upstream: v })],
  ],
  ...Object.fromEntries(
    [
      ['checkPortAvailable', 'port'],
      ['getConfigJSON', 'port'],
      ['isRunningPort', 'port'],
      ['getPortsFreeWithLimit', 'limit'],
      ['getPortsWithLimit', 'limit'],
      ['enableAutoRenew', 'enable'],
      ['enableAutoRotation', 'enable'],
      ['setEnableProxyAuth', 'enable'],
      ['setEnableProxyAuthen', 'enable'],
      ['setProtocol', 'protocol'],
    ].map(([name, what]) => [name, [[what, ['number'], (l, v) => l[name](v)]]]),
  ),
  ...Object.fromEntries(
    [
      ['setAPIHost', 'url'],
      ['setSaveDataPath', 'dir'],
      ['setUserCountryCode', 'code'],
    ].map(([name, what]) => [name, [[what, ['string'], (l, v) => l[name](v)]]]),
  ),
  ...Object.fromEntries(
    ['setHeader', 'setQuery'].map((name) => [
      name,
      [
        ['name', ['string'], (l, v) => l[name](v, 'a')],
        ['value', ['string'], (l, v) => l[name]('a', v)],
      ],
    ]),
  ),
  ...Object.fromEntries(
    ['setProxyAuth', 'setProxyAuthen'].map((name) => [
      name,
      [
        ['enable', ['number'], (l, v) => l[name](v, 'a', 'b')],
        ['username', ['string'], (l, v) => l[name](1, v, 'b')],
        ['password', ['string'], (l, v) => l[name](1, 'a', v)],
      ],
    ]),
  ),
  initialize: [['path', ['string', 'undefined'], (l, v) => l.initialize(v)]],
  getPortsAvailable: [
    ['ports', [], (l, v) => l.getPortsAvailable(v)],
    ['n', ['undefined'], (l, v) => l.getPortsAvailable([60_000], v)],
  ],
  getPortsWithStartLimit: [
    ['start', ['number'], (l, v) => l.getPortsWithStartLimit(v, 1)],
    ['limit', ['number'], (l, v) => l.getPortsWithStartLimit(60_000, v)],
  ],
  putConfigPort: [
    ['port', ['number'], (l, v) => l.putConfigPort(v, '{}')],
    ['json', ['string', 'bytes'], (l, v) => l.putConfigPort(60_000, v)],
    ['len', ['undefined'], (l, v) => l.putConfigPort(60_000, '{}', v)],
  ],
  setConfigPorts: [
    ['json', ['string', 'bytes'], (l, v) => l.setConfigPorts(v)],
    ['len', ['undefined'], (l, v) => l.setConfigPorts('{}', v)],
  ],
  setAutoRotationSetting: [
    ['seconds', ['number'], (l, v) => l.setAutoRotationSetting(v, 0)],
    ['onlyPortHasConfig', ['number'], (l, v) => l.setAutoRotationSetting(60, v)],
  ],
  setRenewSetting: [
    ['seconds', ['number'], (l, v) => l.setRenewSetting(v, 0, 0)],
    ['countLimit', ['number'], (l, v) => l.setRenewSetting(60, v, 0)],
    ['onlyPortHasConfig', ['number'], (l, v) => l.setRenewSetting(60, 0, v)],
  ],
  setRangePort: [
    ['startPort', ['number'], (l, v) => l.setRangePort(v, 60_000)],
    ['endPort', ['number'], (l, v) => l.setRangePort(60_000, v)],
  ],
  updateIpFormatAndPorts: [
    ['ipFormat', ['string'], (l, v) => l.updateIpFormatAndPorts(v, 60_000, 1)],
    ['startPort', ['number'], (l, v) => l.updateIpFormatAndPorts('127.0.0.1:%d', v, 1)],
    ['count', ['number'], (l, v) => l.updateIpFormatAndPorts('127.0.0.1:%d', 60_000, v)],
  ],
  rotate: [
    ['port', ['number'], (l, v) => l.rotate(v)],
    ['options', ['undefined'], (l, v) => l.rotate(60_000, v)],
    ['options.signal', ['undefined'], (l, v) => l.rotate(60_000, { signal: v })],
  ],
  testPort: [
    ['port', ['number'], (l, v) => l.testPort(v)],
    ['options', ['undefined'], (l, v) => l.testPort(60_000, v)],
    ['options.signal', ['undefined'], (l, v) => l.testPort(60_000, { signal: v })],
  ],
  removePort: [['port', ['number'], (l, v) => l.removePort(v)]],
  createWithId: [
    ['port', ['number'], (l, v) => l.createWithId(v, 'a')],
    ['proxyId', ['string'], (l, v) => l.createWithId(60_000, v)],
    ['plan', ['string', 'undefined'], (l, v) => l.createWithId(60_000, 'a', v)],
    ['actionType', ['string', 'undefined'], (l, v) => l.createWithId(60_000, 'a', '1', v)],
  ],
  quickCreateAtPort: [
    ['port', ['number'], (l, v) => l.quickCreateAtPort(v, 'a')],
    ['requestId', ['string'], (l, v) => l.quickCreateAtPort(60_000, v)],
    ['plan', ['string', 'undefined'], (l, v) => l.quickCreateAtPort(60_000, 'a', v)],
  ],
  createProxyByPortConfigs: [
    ['requestId', ['string'], (l, v) => l.createProxyByPortConfigs(v, '1', [])],
    ['plan', ['string', 'undefined'], (l, v) => l.createProxyByPortConfigs('a', v, [])],
    ['ports', [], (l, v) => l.createProxyByPortConfigs('a', '1', v)],
    ['n', ['undefined'], (l, v) => l.createProxyByPortConfigs('a', '1', [60_000], v)],
  ],
  quickCreateProxies: [
    ['requestId', ['string'], (l, v) => l.quickCreateProxies(v, '1', [])],
    ['ports', [], (l, v) => l.quickCreateProxies('a', '1', v)],
    ['n', ['undefined'], (l, v) => l.quickCreateProxies('a', '1', [60_000], v)],
    ['onlyFree', ['undefined'], (l, v) => l.quickCreateProxies('a', '1', [60_000], 1, v)],
  ],
  createWithConfigure: [
    ['requestId', ['string'], (l, v) => l.createWithConfigure(v, [], 0, '{}')],
    ['ports', [], (l, v) => l.createWithConfigure('a', v, 0, '{}')],
    ['filterJson', ['string', 'bytes'], (l, v) => l.createWithConfigure('a', [], 0, v)],
  ],
  startHttpApi: [
    ['port', ['number'], (l, v) => l.startHttpApi(v)],
    ['options', ['undefined'], (l, v) => l.startHttpApi(60_500, v)],
    ['options.token', ['string', 'undefined'], (l, v) => l.startHttpApi(60_500, { token: v })],
  ],
  openWorkspace: [
    ['root', ['string'], (l, v) => l.openWorkspace(v)],
    ['options', ['undefined'], (l, v) => l.openWorkspace('.', v)],
    ...['terminal', 'files', 'git', 'snapshots', 'trustRepositories'].map((name) => [
      `options.${name}`,
      ['boolean', 'undefined'],
      (l, v) => l.openWorkspace('.', { [name]: v }),
    ]),
    ...[
      'detachMs',
      'scrollbackBytes',
      'maxTerminals',
      'maxWatches',
      'maxFileBytes',
      'maxSnapshots',
    ].map((name) => [
      `options.${name}`,
      ['undefined'],
      (l, v) => l.openWorkspace('.', { [name]: v === 7 ? 0.5 : v }),
    ]),
    ...['watch', 'shell', 'env', 'snapshotDir', 'gitProtocols', 'signal'].map((name) => [
      `options.${name}`,
      { shell: ['undefined', 'array'], snapshotDir: ['undefined', 'string'] }[name] ?? [
        'undefined',
      ],
      (l, v) => l.openWorkspace('.', { [name]: v }),
    ]),
  ],
};

/** What takes nothing, or leaves what it is given alone. */
const WITHOUT_ARGUMENTS = [
  'cleanData',
  'closeTokenChan',
  'enableDebug',
  'getAPIHost',
  'getAutoRefreshProxyCountLimit',
  'getAutoRefreshProxyRateLimit',
  'getConfigsJSON',
  'getEnableAutoRenew',
  'getPorts',
  'getVersionInfo',
  'ports',
  'restoreData',
  'run',
  'runAsync',
  'sdkGetLastError',
  'shutdown',
  'stats',
  'stopCommunicate',
  'stopHttpApi',
  'stopProxy',
];

module.exports = { FUNCTIONS, WITHOUT_ARGUMENTS };
