// The types of the reasons.

/** Why a connection ended, or could not be made. */
export interface Reason {
  /** For programs: `'TOKEN_ROTATED'`, `'UNREACHABLE'` and so on, as docs/client.md lists them, or a code of the listener. */
  readonly code: string;
  /** For people. Never has the token or the URL in it. */
  readonly message: string;
  /** The close code of the WebSocket, if it was open and closed. */
  readonly closeCode?: number;
  /** The HTTP status of the answer, if the handshake was refused. */
  readonly status?: number;
}

/** What `connect()` rejects with, and what a `for await` throws, when a client has ended for good. */
export class ConnectionError extends Error implements Reason {
  constructor(reason: Reason);
  readonly name: 'ConnectionError';
  readonly code: string;
  readonly closeCode?: number;
  readonly status?: number;
}
