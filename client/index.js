// The client of Loopwire's listeners: for browsers, Electron renderers, Node, Bun and Deno. No dependencies.

export { SandboxClient } from './sandbox/sandbox-client.js';
export { attach } from './sandbox/terminal/attach.js';
export { ConnectionError } from './connection/close-reason.js';
export { SendError } from './send-queue.js';
export { EventClient } from './event-client.js';
