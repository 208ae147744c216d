// The types of a connection as on the sandbox's page.

import type { ConnectionError } from '../../connection/close-reason.js';
import type { BinaryMessage } from '../../event-client.js';
import type { WireMessage } from '../../events.js';
import type { SendOptions } from '../../send-queue.js';

/** How a connection ended. */
export interface SocketClose {
  code: string;
  message: string;
  /** The close code of the WebSocket, if there was one. */
  closeCode?: number;
  /** Whether another connection is made: then `open` follows. */
  willReconnect: boolean;
}

/** The events of a connection. */
export interface SocketEvents {
  /** It is open. Also a listener that was added later is told, in a microtask. */
  open: void;
  /** A message, parsed. */
  message: WireMessage;
  /** A binary message, if the connection was made with `binary`. */
  binary: BinaryMessage;
  /** Why it broke, or could not be made. Nobody needs to listen. */
  error: ConnectionError;
  /** It is closed: once for each `open`, and once at the end. */
  close: SocketClose;
}

/**
 * A connection as on the sandbox's page. It is made again when it breaks, and the events of the meantime come then: `close`
 * and `open` tell of that.
 */
export class SandboxSocket {
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
  /** `CONNECTING` also while it waits to be made again. */
  readonly readyState: 0 | 1 | 2 | 3;

  on<Name extends keyof SocketEvents>(
    name: Name,
    listener: (value: SocketEvents[Name]) => void,
  ): this;
  once<Name extends keyof SocketEvents>(
    name: Name,
    listener: (value: SocketEvents[Name]) => void,
  ): this;
  off<Name extends keyof SocketEvents>(
    name: Name,
    listener: (value: SocketEvents[Name]) => void,
  ): this;

  /** Sends a text, or an object as JSON. Without a connection it waits for one: see `EventClient.send`. */
  send(message: string | object, options?: SendOptions): Promise<void | boolean> | boolean;
  sendBinary(stream: number, offset: number, bytes: Uint8Array): void;
  /** Ends it for good. */
  close(): Promise<void>;
  /** `await using`: as `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}
