// The commands and their options: for the parser, the help and the tables of the documentation.
'use strict';

/** The options of both commands for showing events. */
const SHOWING = {
  json: { help: 'one JSON text per line, also on a terminal' },
  pretty: { help: 'readable lines, also if the output is not a terminal' },
  'no-color': { help: 'no colours, as with the variable NO_COLOR' },
};

const COMMON = {
  help: { short: 'h', help: 'this text' },
};

const TOKEN_FILE = {
  value: 'FILE',
  help: 'the file that holds the token; default: the variable LOOPWIRE_TOKEN',
};

const COMMANDS = {
  serve: {
    usage: 'loopwire serve [options]',
    summary: 'starts a listener, prints where to connect, and shows events',
    about: [
      'Without a token, one is generated and printed once. There is no --token option, because every user of',
      'this machine can read command lines in the list of processes.',
      'Ctrl+C, SIGTERM and SIGHUP stop everything in order; a second one stops at once.',
    ],
    positionals: [],
    options: {
      workspace: {
        value: 'DIR',
        help: 'opens this directory: clients run commands in it, use its files and git, take snapshots',
      },
      port: { value: 'N', help: 'the port; 0, the default, takes any free one' },
      host: { value: 'HOST', help: 'the address to bind; default: 127.0.0.1' },
      'token-file': { ...TOKEN_FILE, help: `${TOKEN_FILE.help}, or a new token` },
      'tls-self-signed': { help: 'TLS with a certificate that is made for this run' },
      'tls-cert': { value: 'FILE', help: 'TLS with this certificate and its chain (PEM)' },
      'tls-key': { value: 'FILE', help: 'the key of that certificate (PEM)' },
      insecure: { help: 'allows an address that other machines can reach, without TLS' },
      'allowed-host': {
        value: 'NAME',
        many: true,
        help: 'one more host name that clients may use; repeatable',
      },
      'allowed-origin': {
        value: 'ORIGIN',
        many: true,
        help: 'one more web origin whose pages may connect; repeatable',
      },
      heartbeat: {
        value: 'SECONDS',
        help: 'how often clients are pinged, 1 to 3600; default: 30',
      },
      proxies: { value: 'FILE', help: 'the list of upstream proxies (JSON)' },
      forward: {
        value: 'PORT=ID',
        many: true,
        help: 'forwards a local port through this proxy; repeatable',
      },
      ...SHOWING,
      ...COMMON,
    },
  },
  tail: {
    usage: 'loopwire tail URL [options]',
    summary: 'prints the events of a running listener, one per line',
    about: [
      'URL is ws://HOST:PORT or wss://HOST:PORT; the token comes from --token-file or LOOPWIRE_TOKEN. A token',
      'in the URL works, but every user of this machine can read it in the list of processes.',
      'After a lost connection it connects again and continues after the last event; events that are lost are',
      'reported on standard error. Ctrl+C ends it.',
    ],
    positionals: ['URL'],
    options: {
      'token-file': TOKEN_FILE,
      ca: { value: 'FILE', help: "trusts these certificates (PEM) instead of the system's" },
      fingerprint: {
        value: 'SHA256',
        help: 'trusts only the certificate with this SHA-256, which serve prints',
      },
      replay: { help: "begins with the events that the listener's journal still holds" },
      wait: { help: 'waits for a listener that has not started yet' },
      count: { value: 'N', help: 'ends after N events' },
      quiet: {
        short: 'q',
        help: 'prints nothing about connections; lost events are still reported',
      },
      ...SHOWING,
      ...COMMON,
    },
  },
};

/** The options without a command. */
const GLOBAL = {
  help: { short: 'h', help: 'this text; `loopwire COMMAND --help` describes a command' },
  version: { short: 'V', help: 'the version' },
};

module.exports = { COMMANDS, GLOBAL };
