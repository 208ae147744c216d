// The types of the client. One file beside each module that has a public face.

export { ConnectionError } from './connection/close-reason.js';
export type { Reason } from './connection/close-reason.js';
export { EventClient } from './event-client.js';
export type { BinaryMessage, ClientEventMap, EventMap, State } from './event-client.js';
export type { EventGap, WireEventMap, WireMessage } from './events.js';
export type { Clock, EventClientOptions, Lifecycle, WebSocketLike } from './options.js';
export type { EventPosition } from './position.js';
export { SendError } from './send-queue.js';
export type { PendingMessage, SendOptions } from './send-queue.js';
export type {
  FileProgress,
  FileReadOptions,
  FileWriteOptions,
  FileWritten,
  SandboxFiles,
} from './sandbox/files.js';
export type {
  GitAuth,
  GitCheckoutOptions,
  GitCloneOptions,
  GitCredentials,
  GitExchangeOptions,
  GitOperation,
  GitOptions,
  GitProgressInfo,
  GitQuestion,
  SandboxGit,
} from './sandbox/git.js';
export type { SandboxPort, SandboxPorts } from './sandbox/ports.js';
export { SandboxClient } from './sandbox/sandbox-client.js';
export type { SandboxClientOptions } from './sandbox/sandbox-client.js';
export type {
  SandboxSnapshots,
  SnapshotChange,
  SnapshotCreated,
  SnapshotCreateOptions,
  SnapshotDiff,
  SnapshotInfo,
  SnapshotOperation,
  SnapshotProgress,
  SnapshotRestored,
  SnapshotSkipped,
} from './sandbox/snapshots.js';
export type { SandboxSocket, SocketClose, SocketEvents } from './sandbox/socket/socket.js';
export { attach } from './sandbox/terminal/attach.js';
export type { Attachment, AttachOptions, XtermLike } from './sandbox/terminal/attach.js';
export type { SandboxTerminal, TerminalChunk, TerminalExit } from './sandbox/terminal/terminal.js';
export type {
  CommandOptions,
  Executed,
  ExecuteOptions,
  SandboxTerminals,
  TerminalOptions,
  TerminalRow,
} from './sandbox/terminal/terminals.js';
export type { FileChange, FileWatch, WatchOptions, WatchReady } from './sandbox/watch.js';
export type {
  ConnectOptions,
  SandboxConnection,
  SandboxWebSocket,
} from './sandbox/socket/websocket.js';
