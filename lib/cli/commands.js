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

/** The options of the commands that connect. */
const CONNECTING = {
  'token-file': TOKEN_FILE,
  ca: { value: 'FILE', help: "trusts these certificates (PEM) instead of the system's" },
  fingerprint: {
    value: 'SHA256',
    help: 'trusts only the certificate with this SHA-256, which serve prints',
  },
};

/** What the commands that connect say of URLs and tokens. */
const ABOUT_URL = [
  'URL is ws://HOST:PORT or wss://HOST:PORT; the token comes from --token-file or LOOPWIRE_TOKEN. A token',
  'in the URL works, but every user of this machine can read it in the list of processes.',
];

const COMMANDS = {
  serve: {
    usage: 'loopwire serve [options]',
    summary: 'starts a listener, prints where to connect, and shows events',
    about: [
      'Without a token, one is generated and printed once. There is no --token option, because every user of',
      'this machine can read command lines in the list of processes.',
      'Ctrl+C, SIGTERM and SIGHUP stop everything in order; a second one stops at once.',
    ],
    examples: [
      ['loopwire serve --workspace . --port 8881', 'a workspace for programs on this machine'],
      ['loopwire serve --host 0.0.0.0 --tls-self-signed', 'for other machines, with TLS'],
      ['loopwire serve --forward 60000=socks5://127.0.0.1:1080', 'a local proxy port'],
      ['loopwire serve --inspect', 'with a page for a browser'],
    ],
    positionals: [],
    options: {
      workspace: {
        value: 'DIR',
        help: 'opens this directory: clients run commands in it, use its files and git, take snapshots',
      },
      port: { short: 'p', value: 'N', help: 'the port; 0, the default, takes any free one' },
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
      inspect: {
        help: 'serves a page at /inspect that shows what the listener does; it asks for the token',
      },
      heartbeat: {
        value: 'SECONDS',
        help: 'how often clients are pinged, 1 to 3600; default: 30',
      },
      proxies: { value: 'FILE', help: 'the list of upstream proxies (JSON)' },
      forward: {
        value: 'PORT=URL',
        many: true,
        help: 'forwards a local port through this proxy, or PORT=ID through one of --proxies; repeatable',
      },
      ...SHOWING,
      ...COMMON,
    },
  },
  tail: {
    usage: 'loopwire tail URL [options]',
    summary: 'prints the events of a running listener, one per line',
    about: [
      ...ABOUT_URL,
      'After a lost connection it connects again and continues after the last event; events that are lost are',
      'reported on standard error. Ctrl+C ends it.',
    ],
    examples: [
      ['loopwire tail ws://127.0.0.1:8881', 'readable lines on a terminal'],
      ['loopwire tail ws://127.0.0.1:8881 --replay | jq .type', 'from what is still held, as JSON'],
    ],
    positionals: ['URL'],
    options: {
      ...CONNECTING,
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
  exec: {
    usage: 'loopwire exec URL [options] -- COMMAND [ARGUMENT…]',
    summary: 'runs a command in a served workspace: its output, its exit code, your input',
    about: [
      ...ABOUT_URL,
      'One argument is a text for the shell, as it stands: pipes and variables work. Of several, the shell gets',
      'each as it is. Standard input goes to the command, and signals do; a second one kills it and ends this',
      'program. A lost connection is made again, and nothing of the output or the input is lost or repeated;',
      'with --tty, Ctrl+C gives it up then.',
      'The exit code is that of the command, 128 and the number for a signal, 124 after --timeout, and 125 if it',
      'could not be run to its end.',
    ],
    examples: [
      ['loopwire exec ws://127.0.0.1:8881 -- ls -l "a file"', 'a command with its arguments'],
      ["loopwire exec ws://127.0.0.1:8881 -- 'ls | wc -l'", 'a text for the shell'],
      [
        "tar c . | loopwire exec ws://127.0.0.1:8881 -- 'mkdir -p copy && tar x -C copy'",
        'input from here',
      ],
      ['loopwire exec ws://127.0.0.1:8881 -t -- vim notes.txt', 'with a terminal'],
    ],
    positionals: ['URL'],
    rest: 'COMMAND',
    ownCodes: true,
    options: {
      ...CONNECTING,
      tty: { short: 't', help: 'runs it in a terminal, which has the size of this one' },
      cwd: {
        value: 'DIR',
        help: "runs it in this directory of the workspace; default: the workspace's own",
      },
      env: {
        short: 'e',
        value: 'NAME=VALUE',
        many: true,
        help: 'one more variable; NAME alone for the value that it has here; repeatable',
      },
      timeout: { value: 'SECONDS', help: 'ends the command after this time' },
      'no-stdin': { short: 'n', help: 'the command reads nothing; standard input is left alone' },
      ...COMMON,
    },
  },
  attach: {
    usage: 'loopwire attach URL [ID] [options]',
    summary: 'continues a terminal that runs in a served workspace',
    about: [
      ...ABOUT_URL,
      'Without an ID, the one terminal that runs; if there are several, they are listed. What is still held of',
      'its output comes first. Every key goes to the terminal, except the detach keys, which end this program and',
      'leave the terminal running. A lost connection is made again; Ctrl+C gives it up then.',
      'The exit code is that of its command, 0 after the detach keys, and 125 if the terminal was not seen to its',
      'end.',
    ],
    examples: [
      ['loopwire attach ws://127.0.0.1:8881', 'the terminal that runs'],
      [
        'loopwire attach ws://127.0.0.1:8881 term-2 --detach-keys ctrl-a,d',
        'another one, and as with screen',
      ],
    ],
    positionals: ['URL'],
    optional: ['ID'],
    ownCodes: true,
    options: {
      ...CONNECTING,
      'detach-keys': {
        value: 'KEYS',
        help: 'keys with commas between: ctrl-LETTER or one character; default: ctrl-p,ctrl-q',
      },
      ...COMMON,
    },
  },
  ports: {
    usage: 'loopwire ports URL [rotate PORT | remove PORT] [options]',
    summary: 'shows the forwarded ports, gives one another upstream, or removes it',
    about: [
      ...ABOUT_URL,
      'Passwords of upstreams are never shown. With --watch a port is printed again whenever its state, its upstream',
      'or its last error changes, and once more when it is removed; changes that follow one another at once are one',
      'line. A lost connection is made again. Ctrl+C ends it.',
    ],
    examples: [
      ['loopwire ports ws://127.0.0.1:8881', 'a table'],
      ['loopwire ports ws://127.0.0.1:8881 --json | jq .upstream', 'one JSON text per port'],
      ['loopwire ports ws://127.0.0.1:8881 --watch', 'and what becomes of them'],
      ['loopwire ports ws://127.0.0.1:8881 rotate 60000', 'another upstream of its provider'],
    ],
    positionals: ['URL'],
    optional: ['ACTION', 'PORT'],
    words: ['rotate', 'remove'],
    options: {
      ...CONNECTING,
      watch: { short: 'w', help: 'goes on, and prints each port again when it changes' },
      json: { help: 'one JSON text per line, also on a terminal' },
      ...COMMON,
    },
  },
  completion: {
    usage: 'loopwire completion bash|zsh|fish',
    summary: 'prints a script with which the shell completes commands and options',
    about: ['The shell reads the script when it starts; see the examples.'],
    examples: [
      ['eval "$(loopwire completion bash)"', 'in ~/.bashrc'],
      ['eval "$(loopwire completion zsh)"', 'in ~/.zshrc, behind compinit'],
      ['loopwire completion fish | source', 'in ~/.config/fish/config.fish'],
    ],
    positionals: ['SHELL'],
    words: ['bash', 'zsh', 'fish'],
    options: { ...COMMON },
  },
};

/** The options without a command. */
const GLOBAL = {
  help: { short: 'h', help: 'this text; `loopwire COMMAND --help` describes a command' },
  version: { short: 'v', help: 'the version; -V, too' },
};

module.exports = { COMMANDS, GLOBAL };
