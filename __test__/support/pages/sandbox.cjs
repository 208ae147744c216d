// The snippets of the sandbox's page that this version answers, unchanged.
'use strict';

module.exports = {
  native: `const ws = new WebSocket('wss://sandbox.oblien.com:55872?token=YOUR_TOKEN');
ws.onopen = () => {
console.log('Connected');
};
ws.onmessage = (event) => {
const data = JSON.parse(event.data);
console.log('Received:', data);
};
ws.onerror = (error) => {
console.error('Error:', error);
};
ws.onclose = () => {
console.log('Disconnected');
};`,
  authentication: `const ws = new WebSocket(
\`wss://sandbox.oblien.com:55872?token=\${process.env.SANDBOX_TOKEN}\`
);`,
  terminal: `// Send terminal command
ws.send(JSON.stringify({
type: 'terminal:execute',
data: {
command: 'npm run dev',
cwd: '/opt/app'
}
}));
// Receive output
ws.on('message', (message) => {
if (message.type === 'terminal:output') {
process.stdout.write(message.data.output);
}
if (message.type === 'terminal:exit') {
console.log('Command finished with exit code:', message.data.exitCode);
}
});`,
  execute: `ws.send(JSON.stringify({
type: 'terminal:execute',
data: {
command: 'ls -la',
cwd: '/opt/app'
}
}));`,
  changed: `ws.on('message', (message) => {
if (message.type === 'file:changed') {
console.log('File changed:', message.data.path);
console.log('Change type:', message.data.changeType); // 'created', 'modified', 'deleted'
}
});`,
  watch: `ws.send(JSON.stringify({
type: 'file:watch',
data: {
paths: ['/opt/app/src/**/*.js'],
events: ['created', 'modified', 'deleted']
}
}));`,
  ping: `// Server sends ping every 30 seconds
ws.on('message', (message) => {
if (message.type === 'ping') {
// Respond with pong
ws.send(JSON.stringify({ type: 'pong' }));
}
});`,
  binary: `const ws = new WebSocket(
'wss://sandbox.oblien.com:55872?token=YOUR_TOKEN&binary=true'
);
ws.binaryType = 'arraybuffer';
ws.onmessage = (event) => {
if (event.data instanceof ArrayBuffer) {
// Handle binary data
const bytes = new Uint8Array(event.data);
console.log('Received binary data:', bytes.length, 'bytes');
}
};`,
  reconnection: `let ws;
let reconnectAttempts = 0;
const maxReconnectAttempts = 5;
function connect() {
ws = new WebSocket(\`wss://sandbox.oblien.com:55872?token=\${token}\`);
ws.onopen = () => {
console.log('Connected');
reconnectAttempts = 0;
};
ws.onclose = () => {
if (reconnectAttempts < maxReconnectAttempts) {
reconnectAttempts++;
console.log(\`Reconnecting... (\${reconnectAttempts}/\${maxReconnectAttempts})\`);
setTimeout(connect, 2000 * reconnectAttempts);
}
};
}
connect();`,
  heartbeat: `let heartbeatInterval;
ws.on('open', () => {
heartbeatInterval = setInterval(() => {
ws.send(JSON.stringify({ type: 'ping' }));
}, 30000);
});
ws.on('close', () => {
clearInterval(heartbeatInterval);
});`,
  queue: `const messageQueue = [];
let wsReady = false;
ws.on('open', () => {
wsReady = true;
// Send queued messages
while (messageQueue.length > 0) {
ws.send(messageQueue.shift());
}
});
function sendMessage(message) {
const payload = JSON.stringify(message);
if (wsReady && ws.readyState === WebSocket.OPEN) {
ws.send(payload);
} else {
messageQueue.push(payload);
}
}`,
  snapshots: `ws.on('message', (message) => {
if (message.type === 'snapshot:created') {
console.log('Snapshot created:', message.data.commitHash);
}
if (message.type === 'snapshot:restored') {
console.log('Restored to:', message.data.commitHash);
}
});`,
  git: `ws.on('message', (message) => {
if (message.type === 'git:progress') {
console.log('Git progress:', message.data.percent);
console.log('Status:', message.data.status);
}
if (message.type === 'git:complete') {
console.log('Git operation complete');
}
});`,
  // The complete example, without the client that it is written for.
  complete: `// Listen for file changes
ws.on('message', (message) => {
switch (message.type) {
case 'file:changed':
console.log(\`File \${message.data.changeType}:\`, message.data.path);
break;
case 'terminal:output':
process.stdout.write(message.data.output);
break;
case 'terminal:exit':
console.log('Command finished:', message.data.exitCode);
break;
}
});
// Execute command with real-time output
ws.send(JSON.stringify({
type: 'terminal:execute',
data: {
command: 'npm install && npm run build',
cwd: '/opt/app'
}
}));`,
  http: {
    connection: 'GET /ws/connection HTTP/1.1\nAuthorization: Bearer YOUR_TOKEN\n',
    connections: 'GET /ws/connections HTTP/1.1\nAuthorization: Bearer YOUR_TOKEN\n',
    disconnect:
      'POST /ws/disconnect HTTP/1.1\nAuthorization: Bearer YOUR_TOKEN\nContent-Type: application/json\n\n{\n"token": "YOUR_TOKEN"\n}',
    silent: 'POST /ws/connect HTTP/1.1\nAuthorization: Bearer YOUR_TOKEN\nX-Notify-Type: silent\n',
  },
};
