// The types of `sandbox.websocket`.

import type { SandboxSocket } from './socket.js';

/** The options of `connect`. */
export interface ConnectOptions {
  /** No `file:changed`. Default: `false`. */
  silent?: boolean;
  /** Terminal output and the contents of files come as binary messages: the event `binary`. Default: `false`. */
  binary?: boolean;
  /** How long it is tried, in milliseconds. Default: that of the client. */
  timeoutMs?: number;
}

/** An open connection, as the listener tells of it. */
export interface SandboxConnection {
  id: string;
  /** When it was made: `2025-10-16T12:00:00.000Z`. */
  connected: string;
  /** When it was last heard of. */
  lastPing: string;
  active: boolean;
  silent: boolean;
  v1: boolean;
  /** `'sdk'` for a connection to `/ws/{token}`. A listener of an older version does not tell this and what follows. */
  form?: 'sdk' | 'sandbox';
  /** Among the connections to `/ws/{token}`: whether it is the one that receives. `null` where every one does. */
  slot?: 'active' | 'standby' | null;
  /** What the listener still holds of the events that it has not been sent; `null` while it receives none. */
  behind?: { events: number; bytes: number } | null;
}

/** Connections as on the sandbox's page. */
export class SandboxWebSocket {
  /**
   * Connects. Resolves when the connection is open; it is tried until then. Rejects with `code`: `NOT_CONNECTED` after
   * `timeoutMs`, `UNAUTHORIZED`, and the others that end an `EventClient`.
   *
   * @example
   * const ws = await sandbox.websocket.connect();
   * ws.on('message', (message) => console.log(message.type));
   */
  connect(options?: ConnectOptions): Promise<SandboxSocket>;
  /** Whether this token has a connection. `false` if the listener cannot be reached; rejects if it refuses the token. */
  isConnected(): Promise<boolean>;
  /** Closes all connections of this token, also those of others. Those of this client are not made again. */
  disconnect(): Promise<void>;
  /** The connections of the listener. */
  getConnections(): Promise<SandboxConnection[]>;
}
