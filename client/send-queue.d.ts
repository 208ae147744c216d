// The types of sending: how a message is to arrive, and what waits.

/** What is done with a message that cannot be sent at once, or whose connection is lost. */
export interface SendOptions {
  /**
   * - `reliable` (the default): waits for a connection, is sent again after a reconnect, and has its effect once. The
   *   Promise resolves when the listener has taken the message.
   * - `latest`: waits for a connection; one message waits per `key`, and a newer one replaces it. The Promise resolves
   *   to `true` when the message is sent, to `false` when it is replaced.
   * - `drop`: sent now or not at all, which is what the result says.
   */
  mode?: 'reliable' | 'latest' | 'drop' | undefined;
  /** For `latest`: what the message is about. By default its `type`. */
  key?: string | undefined;
  /**
   * For `reliable`: send the message again also if the listener does not remember this client (it was started anew), so that
   * the message may have its effect twice. By default the Promise rejects with `OUTCOME_UNKNOWN` then.
   */
  repeat?: boolean | undefined;
  /** Ends the waiting: the Promise rejects with the signal's reason, and the message is not sent again. */
  signal?: AbortSignal | undefined;
}

/** A message that waits. */
export interface PendingMessage {
  message: unknown;
  mode: 'reliable' | 'latest';
  /** Of `latest`. */
  key?: string;
  /** Whether the message was sent, so that only its acknowledgement is missing. */
  sent: boolean;
}

/** Why a message was not sent, or what is not known of it. */
export class SendError extends Error {
  /**
   * `QUEUE_FULL`, `CLEARED`, `CLOSED` (the client has ended), `OUTCOME_UNKNOWN` (it was sent; nobody knows whether the listener
   * took it), `NOT_SUPPORTED` (the listener is older), or the code with which the listener refused it.
   */
  readonly code:
    | 'QUEUE_FULL'
    | 'CLEARED'
    | 'CLOSED'
    | 'OUTCOME_UNKNOWN'
    | 'NOT_SUPPORTED'
    | 'BAD_MESSAGE'
    | (string & {});
}
