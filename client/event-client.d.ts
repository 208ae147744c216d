// The types of the event client.

import type { Reason } from './connection/close-reason.js';
import type { WireEventMap, WireMessage } from './events.js';
import type { EventClientOptions } from './options.js';
import type { EventPosition } from './position.js';
import type { PendingMessage, SendOptions } from './send-queue.js';

declare global {
  // Older libraries of TypeScript do not have it.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

/** The states of a client. `attempt` counts from 1 since the last stable connection. */
export type State =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting'; readonly attempt: number }
  | {
      readonly name: 'open';
      readonly attempt: number;
      readonly connectionId: string;
      readonly epoch: string;
    }
  | {
      readonly name: 'waiting';
      /** The number of the next attempt. */
      readonly attempt: number;
      readonly reason: Reason;
      /** When it begins, as `clock.now()` counts; `null` while a slow `for await` holds the client back. */
      readonly retryAt: number | null;
    }
  | { readonly name: 'closed'; readonly reason: Reason };

/** A binary message (PROTOCOL section 5). */
export interface BinaryMessage {
  stream: number;
  offset: number;
  bytes: Uint8Array;
}

/** What the client itself tells. */
export interface ClientEventMap {
  /** Each change of the state. `'open'` comes again after each reconnect: then subscribe again. */
  statechange: State;
  /** Each text message of the listener, and each gap that the client has found. */
  message: WireMessage;
  /** Each event, which is a message with a number, and each gap: what a `for await` gets. */
  event: WireMessage;
  /** A text that is not a JSON object: the application has sent it. */
  text: string;
  binary: BinaryMessage;
}

/** The names that `on` knows, and what their listeners get. */
export interface EventMap extends WireEventMap, ClientEventMap {}

/** A connection to a listener that is made again whenever it is lost, and continues where it was. */
export class EventClient implements AsyncIterable<WireMessage> {
  /** Starts nothing. Throws `TypeError` or `RangeError` for an invalid option; no error has the token in it. */
  constructor(options: string | URL | EventClientOptions);

  readonly state: State;
  /** The place behind the last event that was given out; `null` before the first connection. */
  readonly position: EventPosition | null;

  on<Name extends keyof EventMap>(name: Name, listener: (value: EventMap[Name]) => void): this;
  once<Name extends keyof EventMap>(name: Name, listener: (value: EventMap[Name]) => void): this;
  off<Name extends keyof EventMap>(name: Name, listener: (value: EventMap[Name]) => void): this;

  /** Starts the client. Resolves at the first `'open'`, rejects if it ends before. Each call gives the same Promise. */
  connect(): Promise<void>;
  /** Ends the client for good. Resolves when the connection is closed. May be called again. */
  close(): Promise<void>;
  /** `await using`: as `close()`. */
  [Symbol.asyncDispose](): Promise<void>;

  /** The host woke up: checks the connection now, or tries again now. */
  notifyResume(): void;

  /** Sends a message: a string as it is, everything else as JSON. `options.mode` says what becomes of it without a connection. */
  send(message: unknown, options: SendOptions & { mode: 'drop' }): boolean;
  send(message: unknown, options: SendOptions & { mode: 'latest' }): Promise<boolean>;
  send(message: unknown, options?: SendOptions & { mode?: 'reliable' }): Promise<void>;
  /** What waits, in the order in which it is sent. */
  pending(): PendingMessage[];
  /** Removes all that waits. Its Promises reject: `CLEARED`, or `OUTCOME_UNKNOWN` if the message was sent. */
  clear(): void;
  /** Sends now, if the client is open; otherwise the message is lost. */
  sendBinary(stream: number, offset: number, bytes: ArrayBuffer | ArrayBufferView): void;

  /** The events from now on, and gaps. Starts the client. Ends when it is closed; throws if it ends for another reason. */
  [Symbol.asyncIterator](): AsyncIterableIterator<WireMessage>;
}
