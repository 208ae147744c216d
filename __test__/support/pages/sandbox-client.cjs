// The snippets of the sandbox's page that are written for its client, unchanged. Most are written for both (sandbox.cjs).
'use strict';

const page = require('./sandbox.cjs');

module.exports = {
  ...page,
  connect: `const ws = await sandbox.websocket.connect();
ws.on('open', () => {
console.log('Connected to sandbox');
});
ws.on('message', (data) => {
console.log('Received:', data);
});
ws.on('error', (error) => {
console.error('WebSocket error:', error);
});
ws.on('close', () => {
console.log('Disconnected from sandbox');
});`,
  isConnected: `// Using SDK
const connected = await sandbox.websocket.isConnected();
if (!connected) {
await sandbox.websocket.connect();
}`,
  disconnect: `// Using SDK
await sandbox.websocket.disconnect();`,
  connections: `// Using SDK
const connections = await sandbox.websocket.getConnections();`,
  /** The import and the client of the complete example, which the others need. */
  client: `import { SandboxClient } from '@oblien/sandbox-sdk';
const sandbox = new SandboxClient({
baseURL: 'https://sandbox.oblien.com:55872',
token: process.env.SANDBOX_TOKEN
});
`,
  /** What the complete example does with its client. */
  complete: `// Connect to WebSocket
const ws = await sandbox.websocket.connect();
${page.complete}`,
};
