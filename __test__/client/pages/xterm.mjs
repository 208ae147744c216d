// A page with an xterm that is attached to a terminal.

import { Terminal } from '@xterm/xterm';
import { attach, SandboxClient } from '../../../client/index.js';

window.start = async ({ baseURL, token, cols, rows, ...options }) => {
  const xterm = new Terminal({ cols, rows, scrollback: 200, allowProposedApi: true });
  xterm.open(document.querySelector('main'));
  xterm.focus();
  window.sandbox = new SandboxClient({
    baseURL,
    token,
    baseDelayMs: 1,
    maxDelayMs: 50,
    stableMs: 0,
  });
  window.terminal = await window.sandbox.terminal.create({ cols, rows, ...options });
  window.shown = 0;
  const write = xterm.write.bind(xterm);
  xterm.write = (data, parsed) =>
    write(data, () => {
      window.shown += data.length;
      parsed?.();
    });
  window.reports = [];
  xterm.onBinary((data) => window.reports.push(data));
  window.attachment = attach(xterm, window.terminal);
  window.xterm = xterm;
};
