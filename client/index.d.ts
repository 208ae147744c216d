// The types of the client. One file beside each module that has a public face.

export { ConnectionError } from './close-reason.js';
export type { Reason } from './close-reason.js';
export { EventClient } from './event-client.js';
export type { BinaryMessage, ClientEventMap, EventMap, State } from './event-client.js';
export type { EventGap, WireEventMap, WireMessage } from './events.js';
export type { Clock, EventClientOptions, Lifecycle, WebSocketLike } from './options.js';
export type { EventPosition } from './position.js';
export { SendError } from './send-queue.js';
export type { PendingMessage, SendOptions } from './send-queue.js';
