// Why a connection ended or could not be made, and whether trying again can help.

import { parse } from '../json.js';

/** Close codes (PROTOCOL section 3): code, text, and whether it ends for good. */
const CLOSE_CODES = {
  1001: ['LISTENER_CLOSED', 'the listener is closing'],
  1002: ['PROTOCOL_ERROR', 'a WebSocket protocol error', true],
  1006: ['CONNECTION_LOST', 'the connection was lost'],
  1007: ['INVALID_UTF8', 'a message was not UTF-8', true],
  1008: ['TOO_MANY_FRAMES', 'too many frames were sent', true],
  1009: ['MESSAGE_TOO_BIG', 'a message exceeded maxMessageBytes', true],
  1011: ['INTERNAL', 'the listener has failed'],
  4001: ['DISCONNECTED', 'the application disconnected this client', true],
  4003: ['TOKEN_ROTATED', 'the token was rotated', true],
  4008: ['HEARTBEAT_MISSED', 'this client was not heard'],
  4013: ['OVERTAKEN', 'this client read too slowly'],
};

/** Longest text of a stranger in a message. Those of the listener are shorter. */
const MAX_TEXT_CHARS = 300;

/**
 * A reason. What states show of it is `code`, `message` and, if there are any, `closeCode` and `status`; `fatal` and
 * `retryAfterMs` are for the connection.
 */
export function reason(code, message, fatal, more) {
  return { code, message, fatal, ...more };
}

/** The end of a connection that was open. */
export function closedWith(closeCode) {
  const [code, message, fatal] = CLOSE_CODES[closeCode] ?? [
    'CONNECTION_CLOSED',
    `the connection was closed with code ${closeCode}`,
  ];
  return reason(code, message, fatal, { closeCode });
}

/** A handshake that was refused with an HTTP status. `text` is the body; `retryAfter` that header, if there is one. */
export function refusedWith(status, text, retryAfter) {
  // Not of JSON, it is somebody else's refusal.
  const body = parse(text);
  return reason(
    said(body?.code, `HTTP_${status}`),
    said(body?.error, `the handshake failed with HTTP status ${status}`),
    // 408, 425 and 429 say "later"; every other 4xx stays as it is until somebody changes something.
    status >= 400 && status < 500 && ![408, 425, 429].includes(status),
    // A date, which nobody sends, counts as left out, and so does less than nothing.
    { status, retryAfterMs: Math.max(0, retryAfter * 1000) || 0 },
  );
}

/** What a stranger said, if it is a text. */
const said = (text, otherwise) =>
  typeof text === 'string' ? text.slice(0, MAX_TEXT_CHARS) : otherwise;

/** What `connect()` rejects with, and what ends a `for await`. */
export class ConnectionError extends Error {
  constructor({ message, ...more }) {
    super(message);
    Object.assign(this, more, { name: 'ConnectionError' });
  }
}
