// The client of Loopwire's listeners: for browsers, Electron renderers, Node, Bun and Deno. No dependencies.

export { EventClient } from './event-client.js';
