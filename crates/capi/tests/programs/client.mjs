// The client of the SDK's page: prints each message as it came, and the close code.
// Run with `node --experimental-websocket`: Node 20 has the class, but does not show it.
const socket = new WebSocket(process.argv[2]);
socket.addEventListener('open', () => console.log('open'));
socket.addEventListener('message', ({ data }) => console.log(`event ${data}`));
socket.addEventListener('close', ({ code }) => console.log(`closed ${code}`));
