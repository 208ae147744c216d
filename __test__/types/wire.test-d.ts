// The types of what goes over the wire, as a user writes against them; `tsc --noEmit` is the test.

import { emit, startEventListener } from 'loopwire';
import type {
  CloseCode,
  Command,
  CommandErrorCode,
  CommandMap,
  DetailedEvent,
  DetailedEventMap,
  EmitArguments,
  ErrorCode,
  ErrorReply,
  EventMap,
  FileChange,
  FileChangedEvent,
  ForwardEvent,
  GitCompleteEvent,
  GitErrorCode,
  GitErrorEvent,
  GitProgressEvent,
  GitProgressInfo,
  GitQuestion,
  GitCredentialsRequiredMessage,
  GitResult,
  GitAuth,
  GitAuthentication,
  ClientMessage,
  LoopwireEvent,
  PortInfo,
  PortListReply,
  PortStateUpdateDetail,
  Reply,
  ReplyOf,
  ServerMessage,
  ServerMessageMap,
  SnapshotChange,
  SnapshotCreated,
  SnapshotCreatedEvent,
  SnapshotDiffReply,
  SnapshotInfo,
  SnapshotListReply,
  SnapshotProgress,
  SnapshotProgressEvent,
  SnapshotRestored,
  SnapshotRestoredEvent,
  TerminalExit,
  TerminalExitEvent,
  TerminalExitMessage,
  TerminalStartedReply,
  WatchReady,
  FileWatchingReply,
  WorkspaceEvent,
  Written,
  FileDoneReply,
} from 'loopwire';
import { same } from './same.js';

/** Compiles only if nothing is left. */
declare function nothing(value: never): void;

// Every event, told apart by its type: a new one does not compile until it has a case.
function tell(event: LoopwireEvent) {
  switch (event.type) {
    case 'restoreDone':
      // @ts-expect-error: it has no payload
      return event.payload;
    case 'settingPortChange':
    case 'forwardListCompleted':
    case 'proxyError':
    case 'portStateUpdate':
    case 'portRemoved':
    case 'log':
    case 'httpError':
      same<typeof event.payload, string>(true);
      // @ts-expect-error: only with `detail: true`
      return event.data;
    case 'fault':
      return event.data.component;
    case 'terminal:started':
      return event.data.pid;
    case 'terminal:exit':
      same<typeof event.data.exitCode, number | null>(true);
      return event.data.reason;
    case 'file:changed':
      same<typeof event.data.changeType, 'created' | 'modified' | 'deleted' | 'renamed'>(true);
      same<typeof event.data.oldPath, string | undefined>(true);
      return event.data.path;
    case 'file:overflow':
    case 'file:polling':
      return event.data.root;
    case 'snapshot:created':
      return event.data.skippedFiles.map(({ reason }) => reason);
    case 'snapshot:restored':
      return event.data.safetyCommit;
    case 'snapshot:progress':
      // @ts-expect-error: no such phase
      return event.data.phase === 'resting';
    case 'git:progress':
      return event.data.bytesPerSecond;
    case 'git:complete':
      same<typeof event.data.commit, string | null>(true);
      return event.data.id;
    case 'git:error':
      same<typeof event.data.code, GitErrorCode>(true);
      return event.data.message;
    default:
      return nothing(event);
  }
}

// The argument of a callback follows the format and the details.
startEventListener(0, 'token', (event) => same<typeof event, LoopwireEvent>(true), {
  format: 'object',
});
startEventListener(0, 'token', tell, { format: 'object' });
startEventListener(0, 'token', (event) => same<typeof event, DetailedEvent>(true), {
  format: 'object',
  detail: true,
});
declare const detail: boolean;
startEventListener(0, 'token', (event) => same<typeof event, LoopwireEvent>(true), {
  format: 'object',
  detail,
});
startEventListener(
  0,
  'token',
  (event) => {
    if (event.type !== 'portStateUpdate') return;
    same<typeof event.data, PortStateUpdateDetail>(true);
    same<typeof event.data.online, boolean>(true);
  },
  { format: 'object', detail: true },
);
// An application adds its own; whoever wants no types writes `any`.
interface MyEvent {
  type: 'my:progress';
  data: { percent: number };
  timestamp: string;
}
startEventListener(
  0,
  'token',
  (event: LoopwireEvent | MyEvent) => {
    if (event.type === 'my:progress') same<typeof event.data.percent, number>(true);
  },
  { format: 'object' },
);
startEventListener<MyEvent>(0, 'token', (event) => event.data.percent, { format: 'object' });
startEventListener(0, 'token', (event: any) => event.whatever, { format: 'object' });
// @ts-expect-error: an event has a type
startEventListener(0, 'token', (event: { kind: string }) => event, { format: 'object' });
startEventListener(0, 'token', (event) => event.type, {
  format: 'object',
  // @ts-expect-error: a switch, not a text
  detail: 'yes',
});

// `emit` takes what the runtime takes.
emit('my:event', { percent: 40 });
emit(String('any'));
emit('portStateUpdate', '60000');
emit('restoreDone');
emit('file:changed', { path: '/opt/app/a.txt' });
emit<'a' | 'b'>('a', 'text');
same<EmitArguments<string>, [payload?: string | object | undefined]>(true);
// @ts-expect-error: it belongs to the channel
emit('hello');
// @ts-expect-error: it belongs to the channel
emit('ack', {});
// @ts-expect-error: its payload is a string
emit('portStateUpdate', { port: 60000 });
// @ts-expect-error: it has a payload
emit('portRemoved');
// @ts-expect-error: it has an object
emit('file:changed', 'a.txt');

// The maps have every type, each with its own.
same<keyof EventMap, LoopwireEvent['type']>(true);
same<EventMap[keyof EventMap], LoopwireEvent>(true);
same<DetailedEventMap[keyof DetailedEventMap], DetailedEvent>(true);
same<CommandMap[keyof CommandMap], Command>(true);
same<keyof CommandMap, Command['type']>(true);
type Misnamed<Map> = {
  [Type in keyof Map]: Map[Type] extends { type: Type } ? never : Type;
}[keyof Map];
same<Misnamed<EventMap> | Misnamed<DetailedEventMap> | Misnamed<CommandMap>, never>(true);
same<Misnamed<ServerMessageMap>, never>(true);
same<Extract<ForwardEvent['type'], WorkspaceEvent['type']>, never>(true);

// A client's listener by its type: the number of an event, and the details of a `loopwire.v1` connection.
declare function on<Type extends keyof ServerMessageMap>(
  type: Type,
  listener: (message: ServerMessageMap[Type]) => void,
): void;
on('portStateUpdate', ({ seq, data, payload }) => {
  same<typeof seq, number | undefined>(true);
  same<typeof data, PortStateUpdateDetail | undefined>(true);
  same<typeof payload, string>(true);
});
on('gap', ({ data }) =>
  same<typeof data.reason, 'overflow' | 'restart' | 'ahead' | 'standby'>(true),
);
on('terminal:output', ({ data }) => same<typeof data.source, 'stdout' | 'stderr'>(true));
// @ts-expect-error: no such type
on('portStateUpdated', () => {});
function hear(message: ServerMessage) {
  if (message.type === 'hello') return message.data.heartbeatMs;
  if (message.type === 'git:complete') return message.seq;
  return message.type === 'error' ? message.data.code : undefined;
}

// Commands and their replies.
const execute: Command = { type: 'terminal:execute', data: { command: 'ls', id: 1 } };
const list: ClientMessage[] = [{ type: 'port:list' }, { type: 'ping' }, execute];
// @ts-expect-error: it has a port
const rotate: Command = { type: 'port:rotate', data: {} };
// @ts-expect-error: no such key
const clone: Command = { type: 'git:clone', data: { url: '', targetDir: '', dept: 1 } };
same<ReplyOf<'port:list'>, PortListReply>(true);
same<ReplyOf<'terminal:execute'>, TerminalStartedReply>(true);
same<ReplyOf<'git:clone'>, GitCompleteEvent | GitErrorEvent>(true);
same<ReplyOf<'terminal:input'>, never>(true);
async function ask<Type extends Command['type']>(
  command: CommandMap[Type] & { type: Type },
): Promise<ReplyOf<Type> | ErrorReply> {
  return new Promise(() => command);
}
async function drive() {
  const reply = await ask({ type: 'port:list' });
  if (reply.type === 'error') return same<typeof reply.data.code, CommandErrorCode>(true);
  same<(typeof reply.data.ports)[0]['lastError'], string | null>(true);
}
const error: Reply = {
  type: 'error',
  // @ts-expect-error: no such code
  data: { code: 'NOT_THERE', message: '' },
  timestamp: '',
};

// Codes.
const codes: ErrorCode[] = ['ERR_TOKEN_INVALID', 'PATH_OUTSIDE', 'AUTH_FAILED', 'EADDRINUSE'];
const stop: CloseCode = 4001;
// @ts-expect-error: no such code
const never: CloseCode = 4002;

// What the JavaScript calls give is what the wire has, as far as both have it.
type Agrees<Call, Wire> =
  Pick<Call, keyof Call & keyof Wire> extends Pick<Wire, keyof Call & keyof Wire> ? true : false;
type Data<Event extends { data: object }> = Required<Event>['data'];
same<keyof Data<GitProgressEvent>, keyof GitProgressInfo | 'id'>(true);
same<Agrees<GitProgressInfo, Data<GitProgressEvent>>, true>(true);
same<Agrees<Data<GitProgressEvent>, GitProgressInfo>, true>(true);
same<Agrees<GitResult, Data<GitCompleteEvent>>, true>(true);
same<keyof Data<GitCredentialsRequiredMessage>, keyof GitQuestion | 'id'>(true);
same<Agrees<GitQuestion, Data<GitCredentialsRequiredMessage>>, true>(true);
same<Agrees<Data<GitCredentialsRequiredMessage>, GitQuestion>, true>(true);
same<GitAuth, GitAuthentication>(true);
same<Exclude<keyof Data<FileChangedEvent>, keyof FileChange>, 'replaced' | 'ignored' | 'watches'>(
  true,
);
same<Exclude<FileChange['changeType'], Data<FileChangedEvent>['changeType']>, 'overflow'>(true);
same<Agrees<Omit<Data<FileChangedEvent>, 'changeType'>, FileChange>, true>(true);
same<Exclude<keyof SnapshotCreated, keyof Data<SnapshotCreatedEvent>>, 'changed'>(true);
same<Agrees<SnapshotCreated, Data<SnapshotCreatedEvent>>, true>(true);
same<Agrees<SnapshotRestored, Data<SnapshotRestoredEvent>>, true>(true);
same<Agrees<SnapshotProgress, Data<SnapshotProgressEvent>>, true>(true);
same<Exclude<Data<SnapshotProgressEvent>['phase'], SnapshotProgress['phase']>, 'failed'>(true);
same<Agrees<SnapshotInfo, Data<SnapshotListReply>['snapshots'][0]>, true>(true);
same<Agrees<Data<SnapshotListReply>['snapshots'][0], SnapshotInfo>, true>(true);
same<Agrees<SnapshotChange, Data<SnapshotDiffReply>['changes'][0]>, true>(true);
same<Agrees<Data<SnapshotDiffReply>['changes'][0], SnapshotChange>, true>(true);
same<Agrees<TerminalExit, Data<TerminalExitEvent>>, true>(true);
same<Data<TerminalExitEvent>, Data<TerminalExitMessage>>(true);
same<Agrees<WatchReady, Data<FileWatchingReply>>, true>(true);
same<Agrees<Omit<Written, 'atomic'>, Data<FileDoneReply>>, true>(true);
same<Agrees<Omit<PortInfo, 'lastError'>, Data<PortListReply>['ports'][0]>, true>(true);

export { clone, codes, drive, error, hear, list, never, rotate, stop };
