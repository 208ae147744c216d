// The client of Loopwire's listeners: for browsers, Electron renderers, Node, Bun and Deno. No dependencies.

export { ConnectionError } from './connection/close-reason.js';
export { EventClient } from './event-client.js';
export { SandboxClient } from './sandbox/sandbox-client.js';
export { SendError } from './send-queue.js';
