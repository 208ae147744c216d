// The plan of `loopwire serve`: its options, checked before anything starts.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { number } = require('../arguments.js');
const files = require('../file.js');
const { Problem, complain, usage } = require('../problem.js');
const token = require('../token.js');

const HIGHEST_PORT = 65535;
/** `socks5://…`, and `direct:` for none. */
const IS_URL = /^([a-z][a-z0-9+.-]*:\/\/|direct:)/i;
/** An hour, in seconds, as for `heartbeatMs`: above that a heartbeat has no effect. */
const LONGEST_HEARTBEAT = 3600;

function plan(values) {
  const port = values.port === undefined ? 0 : number('port', values.port, 0, HIGHEST_PORT);
  const host = values.host ?? '127.0.0.1';
  const heartbeat =
    values.heartbeat === undefined
      ? undefined
      : number('heartbeat', values.heartbeat, 1, LONGEST_HEARTBEAT);
  const tls = tlsOf(values);
  const forwards = (values.forward ?? []).map(forwardOf);
  if (forwards.some(({ id }) => id !== undefined) && values.proxies === undefined) {
    throw usage('--forward PORT=ID needs --proxies, the list with that proxy');
  }
  return {
    port,
    host,
    token: token.given(values['token-file']),
    tokenFile: values['token-file'],
    workspace: values.workspace === undefined ? undefined : directory(values.workspace),
    proxies: values.proxies === undefined ? undefined : list(values.proxies),
    forwards,
    options: {
      host,
      format: 'string',
      detail: true,
      ...(tls && { tls }),
      ...(values.insecure && { insecure: true }),
      ...(values['allowed-host'] && { allowedHosts: values['allowed-host'] }),
      ...(heartbeat !== undefined && { heartbeatMs: heartbeat * 1000 }),
      ...(values.inspect && { inspector: true }),
      ...(values['allowed-origin'] && { allowedOrigins: values['allowed-origin'] }),
    },
  };
}

function tlsOf(values) {
  const { 'tls-cert': cert, 'tls-key': key, 'tls-self-signed': selfSigned } = values;
  if (selfSigned && (cert ?? key) !== undefined) {
    throw usage('--tls-self-signed and --tls-cert exclude each other');
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw usage('--tls-cert and --tls-key belong together');
  }
  if (selfSigned) return 'self-signed';
  if (cert === undefined) return undefined;
  return { cert: read(cert, '--tls-cert'), key: read(key, '--tls-key') };
}

/** Its error texts never show the value, because a URL may contain a password. */
function forwardOf(text) {
  const [, port, value] = /^([^=]*)=(.+)$/.exec(text) ?? [];
  if (value === undefined) {
    throw usage('--forward must be PORT=URL, with the URL of a proxy, or PORT=ID, with its id');
  }
  const local = number('forward PORT', port, 1, HIGHEST_PORT);
  if (!IS_URL.test(value)) return { port: local, id: value };
  let url;
  try {
    url = new URL(value);
  } catch {
    throw usage('--forward: the URL of the proxy is invalid');
  }
  if (url.password !== '') {
    // Hides it from now on, if the system lets a process change its title.
    if (process.platform !== 'win32') process.title = 'loopwire serve';
    complain(
      'warning: a password in --forward can be read in the list of processes and in the history of the shell; ' +
        'use --proxies FILE',
    );
  }
  return { port: local, url: value };
}

function read(file, option) {
  try {
    return files.read(file).text;
  } catch (error) {
    throw new Problem(`${option}: ${error.message}`);
  }
}

function directory(dir) {
  let stat;
  let absolute;
  try {
    stat = fs.statSync(dir, { throwIfNoEntry: false });
    // Throws if the directory that this process runs in was deleted.
    absolute = path.resolve(dir);
  } catch (error) {
    throw new Problem(`--workspace: ${error.message}`);
  }
  if (!stat) throw new Problem(`--workspace: there is no directory ${dir}`);
  if (!stat.isDirectory()) throw new Problem(`--workspace: ${dir} is not a directory`);
  return absolute;
}

/** The URL of a list of proxies, which must be valid at the start. Later it is watched for changes. */
function list(file) {
  let entries;
  try {
    entries = JSON.parse(read(file, '--proxies'));
  } catch (error) {
    if (error instanceof Problem) throw error;
    // Without the parser's text, which may show a password.
    throw new Problem(`--proxies: ${file} is not JSON`);
  }
  if (!Array.isArray(entries)) throw new Problem(`--proxies: ${file} is not a list of proxies`);
  return pathToFileURL(path.resolve(file)).href;
}

module.exports = { plan };
