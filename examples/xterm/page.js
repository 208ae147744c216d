import { attach, SandboxClient } from './client/index.js';
import { Terminal } from './xterm/lib/xterm.mjs';

const { port, token } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
history.replaceState(null, '', location.pathname);

const size = { cols: 100, rows: 30 };
const xterm = new Terminal(size);
xterm.open(document.querySelector('main'));
xterm.focus();

async function start() {
  const sandbox = new SandboxClient({ baseURL: `http://127.0.0.1:${port}`, token });
  const terminal = await sandbox.terminal.create(size);
  // Output, keys, the mouse and the size; a connection that breaks goes on at the byte where it was.
  attach(xterm, terminal);
  const { exitCode } = await terminal.exit;
  xterm.write(`\r\n[ended with ${exitCode}]`);
}

start().catch((error) => xterm.write(String(error)));
