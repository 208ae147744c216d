// The public types, as a user writes against them; `tsc --noEmit` is the test.

import loopwire = require('loopwire');
import {
  configure,
  emit,
  generateToken,
  getVersionInfo,
  sdkGetLastError,
  shutdown,
  startCommunicate,
  startEventListener,
  stopCommunicate,
} from 'loopwire';
import type {
  ChannelListener,
  Connection,
  ConnectionBehind,
  ConnectionChange,
  ConnectionState,
  ErrorCause,
  ErrorCode,
  Forwarded,
  ForwardOptions,
  ForwardStats,
  HttpApiOptions,
  ListenerAddress,
  ListenerOptions,
  ListenerStats,
  LoopwireError,
  PortInfo,
  Settings,
  Upstream,
  UpstreamInfo,
} from 'loopwire';
import { same } from './same.js';

// Every function of the package has a type, and every type of a function has its function.
type Functions = typeof import('loopwire');
same<
  keyof Functions,
  | 'checkPortAvailable'
  | 'cleanData'
  | 'closeTokenChan'
  | 'configure'
  | 'createProxyByPortConfigs'
  | 'createWithConfigure'
  | 'createWithId'
  | 'drained'
  | 'emit'
  | 'enableAutoRenew'
  | 'enableAutoRotation'
  | 'enableDebug'
  | 'forward'
  | 'generateToken'
  | 'getAPIHost'
  | 'getAutoRefreshProxyCountLimit'
  | 'getAutoRefreshProxyRateLimit'
  | 'getConfigJSON'
  | 'getConfigsJSON'
  | 'getEnableAutoRenew'
  | 'getPorts'
  | 'getPortsAvailable'
  | 'getPortsFreeWithLimit'
  | 'getPortsWithLimit'
  | 'getPortsWithStartLimit'
  | 'getVersionInfo'
  | 'initialize'
  | 'isRunningPort'
  | 'openWorkspace'
  | 'ports'
  | 'putConfigPort'
  | 'quickCreateAtPort'
  | 'quickCreateProxies'
  | 'removePort'
  | 'restoreData'
  | 'rotate'
  | 'run'
  | 'runAsync'
  | 'sdkGetLastError'
  | 'setAPIHost'
  | 'setAutoRotationSetting'
  | 'setConfigPorts'
  | 'setEnableProxyAuth'
  | 'setEnableProxyAuthen'
  | 'setHeader'
  | 'setProtocol'
  | 'setProxyAuth'
  | 'setProxyAuthen'
  | 'setQuery'
  | 'setRangePort'
  | 'setRenewSetting'
  | 'setSaveDataPath'
  | 'setUserCountryCode'
  | 'shutdown'
  | 'startCommunicate'
  | 'startEventListener'
  | 'startHttpApi'
  | 'stats'
  | 'stopCommunicate'
  | 'stopHttpApi'
  | 'stopProxy'
  | 'testPort'
  | 'updateIpFormatAndPorts'
>(true);
same<ReturnType<typeof loopwire.getVersionInfo>, string>(true);

// The call as on the SDK's page.
const listener = startEventListener(8881, 'abcd1234', (data) => {
  same<typeof data, Buffer>(true);
  console.log('SDK EVENT', data.toString());
});
same<typeof listener, ChannelListener<Buffer>>(true);

// The callback's argument follows the format.
startEventListener(0, 'token', (data) => same<typeof data, Buffer>(true), { format: 'buffer' });
startEventListener(0, 'token', (data) => same<typeof data, Buffer>(true), { detail: true });
startEventListener(0, 'token', (json) => same<typeof json, string>(true), { format: 'string' });
// Options in a variable: the format is known only when the program runs.
declare const given: ListenerOptions;
const either = startEventListener(0, 'token', (data) => same<typeof data, any>(true), given);
same<typeof either, ChannelListener>(true);
// @ts-expect-error: of a literal it is known
startEventListener(0, 'token', (data: number) => data, { format: 'string' });
// @ts-expect-error: by default it gets a Buffer
startEventListener(0, 'token', (data: number) => data, { host: '::1' });
// @ts-expect-error: by default it gets a Buffer
startEventListener(0, 'token', (data: string) => data);
// @ts-expect-error: it gets a string
startEventListener(0, 'token', (data: Buffer) => data, { format: 'string' });
// @ts-expect-error: no such format
startEventListener(0, 'token', () => {}, { format: 'json' });
// @ts-expect-error: no such option
startEventListener(0, 'token', () => {}, { heartbeat: 1 });
// @ts-expect-error: a port is a number
startEventListener('0', 'token', () => {});

const options: Required<Omit<ListenerOptions, 'format'>> = {
  host: '127.0.0.1',
  tls: { cert: 'PEM', key: Buffer.from('PEM') },
  insecure: false,
  allowedHosts: ['my.test'],
  allowedOrigins: ['app://mine'],
  allowFileOrigin: false,
  delivery: 'last',
  detail: true,
  onMessage: (data, isBinary, connection) => {
    same<typeof data, Buffer>(true);
    same<typeof isBinary, boolean>(true);
    same<typeof connection, Connection>(true);
  },
  onConnection: ({ id, v1, form }, change, info) => {
    same<typeof change, ConnectionChange>(true);
    same<typeof form, 'sdk' | 'sandbox'>(true);
    if (change === 'closed' && v1) listener.send(id, String(info.code) + info.reason);
  },
  heartbeatMs: 30_000,
  stallMs: 30_000,
  maxMessageBytes: 1_048_576,
  maxConnections: 256,
  inspector: true,
  signal: new AbortController().signal,
};
startEventListener(0, 'token', () => {}, options);

// A listener.
same<typeof listener.port, number>(true);
same<typeof listener.host, string>(true);
same<typeof listener.url, string>(true);
same<typeof listener.closed, boolean>(true);
same<ReturnType<typeof listener.address>, ListenerAddress>(true);
same<ReturnType<typeof listener.connections>, ConnectionState[]>(true);
same<ConnectionState['slot'], 'active' | 'standby' | null>(true);
same<ConnectionState['behind'], ConnectionBehind | null>(true);
same<ConnectionBehind, { events: number; bytes: number }>(true);
same<ReturnType<typeof listener.stats>, ListenerStats>(true);
const sent: boolean = listener.send('conn-1', 'text') && listener.send('conn-1', Buffer.from('x'));
const gone: boolean = listener.disconnect('conn-1');
const token: string = listener.rotateToken() + listener.rotateToken('next');
const chained: ChannelListener = listener.ref().unref();
const closed: Promise<void> = listener.close();
// @ts-expect-error: it is bound already
listener.port = 1;
// @ts-expect-error: a number is no message
listener.send('conn-1', 7);

// The flat functions.
const taken: boolean = emit('my:event') || emit('my:event', 'text') || emit('my:event', { a: 1 });
// @ts-expect-error: a payload is a string or an object
emit('my:event', 7);
// @ts-expect-error: an event has a type
emit();
const settings: Required<Settings> = {
  journalBytes: 65_536,
  journalEvents: 1024,
  connectTimeoutMs: 10_000,
  handshakeTimeoutMs: 10_000,
  firstByteTimeoutMs: 120_000,
  idleTimeoutMs: 300_000,
  idleCheckMs: 30_000,
  probe: { host: 'probe.test', port: 80 },
  rotateOnError: true,
  allowProviderDirect: false,
};
configure(settings);
// @ts-expect-error: no such setting
configure({ journal: 1 });
const made: string = generateToken() + generateToken(12);
const started: number = startCommunicate(1, 8881, made) + stopCommunicate();
// @ts-expect-error: a channel has a token
startCommunicate(1, 8881);
const words: string = sdkGetLastError() + getVersionInfo();
// @ts-expect-error: it takes no argument
getVersionInfo(1);

// The forward engine's. The five that forward never reject; the three of a batch resolve to ports.
const list = Uint32Array.of(60_000, 60_001);
const forwarded: Promise<number>[] = [
  loopwire.createWithId(60_000, 'my-proxy'),
  loopwire.createWithId(60_000, 'my-proxy', '1', 'manual'),
  loopwire.quickCreateAtPort(60_000, 'request'),
  loopwire.testPort(60_000),
];
const batches: Promise<number[]>[] = [
  loopwire.createProxyByPortConfigs('request', '1', list, 2),
  loopwire.createProxyByPortConfigs('request', undefined, [60_000]),
  loopwire.quickCreateProxies('request', '1', list, 2, 1),
  loopwire.createWithConfigure('request', list, undefined, Buffer.from('{}')),
];
// @ts-expect-error: a batch has ports
loopwire.quickCreateProxies('request', '1', 60_000);
const results: number[] = [
  loopwire.checkPortAvailable(60_000),
  loopwire.cleanData(),
  loopwire.closeTokenChan(),
  loopwire.enableAutoRenew(1),
  loopwire.enableAutoRotation(1),
  loopwire.getAutoRefreshProxyCountLimit(),
  loopwire.getAutoRefreshProxyRateLimit(),
  loopwire.getEnableAutoRenew(),
  loopwire.initialize() + loopwire.initialize('path'),
  loopwire.isRunningPort(60_000),
  loopwire.putConfigPort(60_000, '{}') + loopwire.putConfigPort(60_000, Buffer.from('{}'), 2),
  loopwire.removePort(60_000),
  loopwire.restoreData(),
  loopwire.setAPIHost('file:///proxies.json'),
  loopwire.setAutoRotationSetting(300, 0),
  loopwire.setConfigPorts('{}') + loopwire.setConfigPorts(Buffer.from('{}'), 2),
  loopwire.setEnableProxyAuth(1) + loopwire.setEnableProxyAuthen(0),
  loopwire.setHeader('name', 'value') + loopwire.setQuery('name', 'value'),
  loopwire.setProtocol(0),
  loopwire.setProxyAuth(1, 'user', 'word') + loopwire.setProxyAuthen(0, '', ''),
  loopwire.setRangePort(60_000, 60_019),
  loopwire.setRenewSetting(60, 100, 0),
  loopwire.setSaveDataPath('folder'),
  loopwire.setUserCountryCode('DE'),
  loopwire.startHttpApi(9090) + loopwire.startHttpApi(9090, { token: 'token' }),
  loopwire.stopHttpApi(),
  loopwire.stopProxy(),
  loopwire.updateIpFormatAndPorts('127.0.0.1:%d', 60_000, 20),
  ...loopwire.getPorts(),
  ...loopwire.getPortsAvailable(list, 1),
  ...loopwire.getPortsAvailable([60_000]),
  ...loopwire.getPortsFreeWithLimit(1),
  ...loopwire.getPortsWithLimit(1),
  ...loopwire.getPortsWithStartLimit(60_000, 1),
];
// @ts-expect-error: the API has no such option
loopwire.startHttpApi(9090, { tokens: 'token' });
same<HttpApiOptions['token'], string | undefined>(true);

// The typed calls.
const upstream: Required<Upstream> = {
  id: 'my-proxy',
  protocol: 'https',
  host: 'proxy.test',
  port: 443,
  username: 'user',
  password: 'word',
  ca: '-----BEGIN CERTIFICATE-----',
  country_code: 'DE',
  state: 'Berlin',
  city: 'Berlin',
  zip: '10115',
  isp: 'One',
  public_ip: '192.0.2.1',
};
const wanted: Required<ForwardOptions> = {
  port: 60_000,
  upstream,
  accept: 'socks5',
  probe: { host: 'probe.test', port: 80 },
  onRotate: 'drain',
  rotateOnError: true,
  auth: { username: 'user', password: 'word' },
  requestId: 'request',
  signal: new AbortController().signal,
};
same<ReturnType<typeof loopwire.forward>, Promise<Forwarded>>(true);
same<ReturnType<typeof loopwire.rotate>, Promise<Forwarded>>(true);
same<ReturnType<typeof loopwire.ports>, PortInfo[]>(true);
same<ReturnType<typeof loopwire.stats>, ForwardStats>(true);
same<ForwardStats['upstreams'], UpstreamInfo[]>(true);
same<PortInfo['lastError'], string | undefined>(true);
same<PortInfo['online'], boolean>(true);
same<UpstreamInfo['cooling'], boolean>(true);
const typed: Promise<Forwarded>[] = [
  loopwire.forward(wanted),
  loopwire.forward({ port: 60_000, upstream: 'socks5://127.0.0.1:1080' }),
  loopwire.forward({ port: 60_000, upstream: { id: 'my-proxy' } }),
  loopwire.rotate(60_000),
];
// @ts-expect-error: no such rule
loopwire.forward({ port: 60_000, upstream: 'direct:', onRotate: 'reset' });
// @ts-expect-error: no such protocol
loopwire.forward({ port: 60_000, upstream: { protocol: 'socks4' } });
// @ts-expect-error: an upstream has to be given
loopwire.forward({ port: 60_000 });
const counted: number = loopwire.stats().bytesUp + loopwire.ports()[0].bytesDown;
const state: string =
  loopwire.getConfigJSON(60_000) + loopwire.getConfigsJSON() + loopwire.getAPIHost();
same<ReturnType<typeof loopwire.run | typeof loopwire.runAsync>, void>(true);
same<ReturnType<typeof loopwire.enableDebug | typeof loopwire.configure>, void>(true);

const ended: Promise<void> = shutdown();

// What is caught is unknown; these say what it can have.
function reasonOf(error: LoopwireError): string | undefined {
  const where: (string | number | undefined)[] = [error.path, error.port, error.address];
  const cause = error.cause as ErrorCause | undefined;
  const number: number | undefined = cause?.errno;
  return error.code + where.join() + number + cause?.syscall + cause?.hostname + cause?.message;
}
same<LoopwireError['code'], ErrorCode>(true);

export {
  batches,
  chained,
  closed,
  counted,
  ended,
  forwarded,
  gone,
  reasonOf,
  results,
  sent,
  started,
  state,
  taken,
  token,
  typed,
  words,
};
