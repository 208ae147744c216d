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
  ConnectionChange,
  ConnectionState,
  ListenerAddress,
  ListenerOptions,
  ListenerStats,
  Settings,
} from 'loopwire';

/** Fails to compile unless both types are the same. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(answer: Same<A, B>): void;

// Every function of the face has a type, and no type is left without its function.
type Functions = typeof import('loopwire');
same<
  keyof Functions,
  | 'configure'
  | 'createWithId'
  | 'emit'
  | 'enableDebug'
  | 'generateToken'
  | 'getConfigJSON'
  | 'getVersionInfo'
  | 'removePort'
  | 'runAsync'
  | 'sdkGetLastError'
  | 'setAPIHost'
  | 'shutdown'
  | 'startCommunicate'
  | 'startEventListener'
  | 'stopCommunicate'
  | 'stopProxy'
  | 'updateIpFormatAndPorts'
>(true);
same<ReturnType<typeof loopwire.getVersionInfo>, string>(true);

// The seed's call as it stands there.
const listener = startEventListener(8881, 'abcd1234', (data) => {
  same<typeof data, Buffer>(true);
  console.log('SDK EVENT', data.toString());
});
same<typeof listener, ChannelListener>(true);

// The callback's argument follows the format.
startEventListener(0, 'token', (data) => same<typeof data, Buffer>(true), { format: 'buffer' });
startEventListener(0, 'token', (data) => same<typeof data, Buffer>(true), { detail: true });
startEventListener(0, 'token', (json) => same<typeof json, string>(true), { format: 'string' });
startEventListener(0, 'token', (event) => same<typeof event, any>(true), { format: 'object' });
// @ts-expect-error: by default it gets a Buffer
startEventListener(0, 'token', (data: string) => data);
// @ts-expect-error: it gets a string
startEventListener(0, 'token', (data: Buffer) => data, { format: 'string' });
// @ts-expect-error: no such format
startEventListener(0, 'token', () => {}, { format: 'json' });
// @ts-expect-error: no such option
startEventListener(0, 'token', () => {}, { heartbeat: 1 });
// @ts-expect-error: the callback is not optional; startCommunicate has none
startEventListener(0, 'token');
// @ts-expect-error: a port is a number
startEventListener('0', 'token', () => {});

const options: Required<Omit<ListenerOptions, 'format'>> = {
  host: '127.0.0.1',
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
};
startEventListener(0, 'token', () => {}, options);

// A listener.
same<typeof listener.port, number>(true);
same<typeof listener.host, string>(true);
same<typeof listener.url, string>(true);
same<typeof listener.closed, boolean>(true);
same<ReturnType<typeof listener.address>, ListenerAddress>(true);
same<ReturnType<typeof listener.connections>, ConnectionState[]>(true);
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
  idleTimeoutMs: 300_000,
  idleCheckMs: 30_000,
  probe: { host: 'probe.test', port: 80 },
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

// The forward engine's.
const forwarded: Promise<number> = loopwire.createWithId(60_000, 'my-proxy');
loopwire.createWithId(60_000, 'my-proxy', '1', 'manual');
const results: number[] = [
  loopwire.removePort(60_000),
  loopwire.stopProxy(),
  loopwire.setAPIHost('file:///proxies.json'),
  loopwire.updateIpFormatAndPorts('127.0.0.1:%d', 60_000, 20),
];
const state: string = loopwire.getConfigJSON(60_000);
same<ReturnType<typeof loopwire.runAsync | typeof loopwire.enableDebug>, void>(true);
const ended: Promise<void> = shutdown();

export {
  chained,
  closed,
  ended,
  forwarded,
  gone,
  results,
  sent,
  started,
  state,
  taken,
  token,
  words,
};
