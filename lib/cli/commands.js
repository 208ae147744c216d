// The commands and their options: what is parsed, what the help says, and what the README's tables list.
'use strict';

/** How events are shown; both commands show them. */
const SHOWING = {
  json: { help: 'one JSON text a line, also on a terminal' },
  pretty: { help: 'readable lines, also where the output is no terminal' },
  'no-color': { help: 'no colours; so does NO_COLOR' },
};

const COMMON = {
  help: { short: 'h', help: 'this text' },
};

const TOKEN_FILE = {
  value: 'FILE',
  help: 'the file that holds the token; otherwise LOOPWIRE_TOKEN',
};

const COMMANDS = {
  serve: {
    usage: 'loopwire serve [options]',
    summary: 'starts a listener, prints where to connect, and shows events',
    about: [
      'Without a token one is generated and printed once. There is no --token option: what is typed stands',
      'in the list of processes, for every user of this machine to read.',
      'Ctrl+C, SIGTERM and SIGHUP stop everything in order; a second one stops at once.',
    ],
    positionals: [],
    options: {
      workspace: {
        value: 'DIR',
        help: 'opens that directory: clients run commands and read and write files in it',
      },
      port: { value: 'N', help: 'the port, 0 (the default) for any free one' },
      host: { value: 'HOST', help: 'the address to bind, 127.0.0.1 by default' },
      'token-file': { ...TOKEN_FILE, help: `${TOKEN_FILE.help}, or a new one` },
      'tls-self-signed': { help: 'TLS with a certificate made for this run' },
      'tls-cert': { value: 'FILE', help: 'TLS with this certificate and its chain, as PEM' },
      'tls-key': { value: 'FILE', help: 'and its key' },
      insecure: { help: 'allows an address that others can reach without TLS' },
      'allowed-host': {
        value: 'NAME',
        many: true,
        help: 'a further name by which clients may call it; repeatable',
      },
      'allowed-origin': {
        value: 'ORIGIN',
        many: true,
        help: 'a web origin whose pages may connect; repeatable',
      },
      proxies: { value: 'FILE', help: 'the list of upstream proxies, as JSON' },
      forward: {
        value: 'PORT=ID',
        many: true,
        help: 'forwards a local port through that proxy; repeatable',
      },
      ...SHOWING,
      ...COMMON,
    },
  },
  tail: {
    usage: 'loopwire tail URL [options]',
    summary: 'prints the events of a running listener, one a line',
    about: [
      'URL is ws://HOST:PORT or wss://HOST:PORT; the token comes from --token-file or LOOPWIRE_TOKEN. A token',
      'in the URL works, but everybody on this machine could read it in the list of processes.',
      'A lost connection is made again, and goes on behind the last event; events that are lost for good are',
      'told on standard error. Ctrl+C ends it.',
    ],
    positionals: ['URL'],
    options: {
      'token-file': TOKEN_FILE,
      ca: { value: 'FILE', help: "trusts these certificates (PEM) in place of the system's" },
      fingerprint: {
        value: 'SHA256',
        help: 'trusts the one certificate with this SHA-256, as serve prints it',
      },
      replay: { help: "begins with what the listener's journal still holds" },
      wait: { help: 'waits for a listener that is not there yet' },
      count: { value: 'N', help: 'ends after so many events' },
      quiet: { short: 'q', help: 'says nothing of connections made and lost; gaps are still told' },
      ...SHOWING,
      ...COMMON,
    },
  },
};

/** What the program takes without a command. */
const GLOBAL = {
  help: { short: 'h', help: 'this text; `loopwire COMMAND --help` for one command' },
  version: { short: 'V', help: 'the version' },
};

module.exports = { COMMANDS, GLOBAL };
