// The errors of this package.

import type { CauseCode, ErrorCode } from './wire/index.js';

/** The reason behind an error: what the system or the TLS library said, in the form of Node's own errors. */
export interface ErrorCause extends Error {
  /** As Node has it: `'ECONNREFUSED'`, `'ENOTFOUND'`, `'ENOENT'`, `'CERT_HAS_EXPIRED'`. */
  code: CauseCode | (string & {});
  /** The system's number, negative as in Node; absent if there is none, and on Windows. */
  errno?: number;
  /** What was done: `'connect'`, `'getaddrinfo'`, `'open'`, `'spawn'`. */
  syscall?: string;
  /** The address that was connected to. */
  address?: string;
  /** The port that was connected to. */
  port?: number;
  /** The name that was looked up. */
  hostname?: string;
  /** The file, the directory, or the program that could not be started. */
  path?: string;
}

/** An error that a function of this package throws or rejects with. */
export interface LoopwireError extends Error {
  /** Which error it is; stable. */
  code: ErrorCode;
  /** What the system or the TLS library said, or `signal.reason` of an `AbortError`. */
  cause?: unknown;
  /** The local port that it is about. */
  port?: number;
  /** The local address that it is about. */
  address?: string;
  /** What was done, of an error of the system: `'listen'`. */
  syscall?: string;
  /** The system's number, negative as in Node: of a port that could not be bound. Absent on Windows. */
  errno?: number;
  /** The path that it is about, as it was given; of a store or a root its whole path. */
  path?: string;
}
