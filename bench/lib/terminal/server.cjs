// A server of terminals in a process of its own: `server.cjs NAME FOLDER`. It prints its port, and ends with its input.
'use strict';
const paths = require('../paths.cjs');

const [name, root] = process.argv.slice(2);
const TOKEN = 'bench-0123456789abcdefghijklmnop';

/** What `ws` cannot write yet it keeps: whoever reads slowly has to slow the command down. */
const isFull = (socket) => socket.bufferedAmount > 1 << 20;

/** The messages of the sandbox's page over `ws`; `start` begins a command and says what it puts out and how it ends. */
function over(start) {
  const { WebSocketServer } = require('ws');
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  server.on('connection', (socket) => {
    const say = (type, data) =>
      socket.send(JSON.stringify({ type, data, timestamp: new Date().toISOString() }));
    const running = new Map();
    socket.on('message', (text) => {
      const { type, data } = JSON.parse(text);
      const { id } = data;
      if (type === 'terminal:input') return running.get(id)?.(data.input);
      if (type !== 'terminal:execute') return;
      const output = (output) => say('terminal:output', { output, id });
      const exit = (exitCode) => {
        running.delete(id);
        say('terminal:exit', { exitCode, id });
      };
      running.set(
        id,
        start(data.command, output, exit, () => isFull(socket)),
      );
    });
    socket.on('close', () => process.exit(0));
  });
  server.on('listening', () => console.log(server.address().port));
}

const SERVERS = {
  /** node-pty and `ws`, as web terminals are made; paused while a megabyte waits. */
  'node-pty': () => {
    const pty = require('@lydell/node-pty');
    over((command, output, exit, full) => {
      const terminal = pty.spawn('/bin/sh', ['-c', command], { cols: 80, rows: 24 });
      let paused = false;
      terminal.onData((data) => {
        output(data);
        if (paused || !full()) return;
        paused = true;
        terminal.pause();
        const look = setInterval(() => {
          if (full()) return;
          clearInterval(look);
          paused = false;
          terminal.resume();
        }, 1);
      });
      terminal.onExit(({ exitCode }) => exit(exitCode));
      return (input) => terminal.write(input);
    });
  },
  /** Node's own child processes and `ws`: the peer of commands without a pseudo-terminal. */
  spawn: () => {
    const { spawn } = require('node:child_process');
    over((command, output, exit, full) => {
      const child = spawn('/bin/sh', ['-c', command]);
      const pass = (stream) => {
        stream.setEncoding('utf8').on('data', (data) => {
          output(data);
          if (!full()) return;
          stream.pause();
          const look = setInterval(() => {
            if (full()) return;
            clearInterval(look);
            stream.resume();
          }, 1);
        });
      };
      pass(child.stdout);
      pass(child.stderr);
      child.on('close', exit);
      return (input) => child.stdin.write(input);
    });
  },
  loopwire: () => {
    const loopwire = require(paths.shipped);
    loopwire.openWorkspace(root, { maxTerminals: 256 });
    const { port } = loopwire.startEventListener(0, TOKEN, () => {});
    console.log(port);
  },
};

SERVERS[name]();
process.stdin.resume().on('end', () => process.exit(0));
