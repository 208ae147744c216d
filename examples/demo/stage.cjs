// What the demo brings along and puts away again: upstreams, a proxies.json, the listener, a client.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
// An application writes `require('loopwire')`.
const loopwire = /** @type {any} */ (require('../..'));
const { connect } = require('./client.cjs');
const { freeRange } = require('./ports.cjs');
const { Screen } = require('./screen.cjs');
const { Streams } = require('./streams.cjs');
const { httpUpstream, origin, socksUpstream } = require('./upstreams.cjs');

/** @typedef {'web' | 'socks' | 'spare'} Name the three proxies' ids */

// How soon an upstream that nobody uses is checked; without a word it is 30 s.
const IDLE_CHECK_MS = 400;
// A host that the demo's upstreams alone can resolve.
const HOST = 'web.demo';
const CREDENTIALS = { username: 'demo', password: 'demo password' };

class Stage {
  screen = new Screen();
  streams = new Streams(this.screen);
  origin = origin();
  /** Where they are forwarded. @type {Record<Name, number>} */
  ports;
  /** @type {Record<Name, ReturnType<typeof httpUpstream>>} */
  upstreams;
  url = '';
  #pageUrl = '';
  #range;
  #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-demo-'));
  /** @type {import('./client.cjs').Client | undefined} */
  #client;

  /** @param {number} first the first of six free ports */
  constructor(first) {
    const hosts = { [HOST]: '127.0.0.1' };
    this.#range = first;
    this.ports = { web: first, socks: first + 1, spare: first + 2 };
    this.upstreams = {
      web: httpUpstream({ port: first + 3, credentials: CREDENTIALS, hosts }),
      socks: socksUpstream({ port: first + 4, hosts }),
      spare: socksUpstream({ port: first + 5, hosts }),
    };
  }

  static async set() {
    const stage = new Stage(await freeRange(6));
    try {
      await stage.#prepare();
    } catch (error) {
      await stage.clear();
      throw error;
    }
    return stage;
  }

  /** What the requests are for. */
  get page() {
    return `http://${HOST}:${this.origin.port}/`;
  }

  async #prepare() {
    await this.origin.start();
    await this.upstreams.web.start();
    await this.upstreams.socks.start();
    // `spare` stays dead: its port is reserved, and nobody listens there.
    const host = '127.0.0.1';
    const { web, socks, spare } = this.upstreams;
    const list = [
      { id: 'web', protocol: 'http', host, port: web.port, ...CREDENTIALS },
      { id: 'socks', protocol: 'socks5', host, port: socks.port },
      { id: 'spare', protocol: 'socks5', host, port: spare.port },
    ];
    const file = path.join(this.#folder, 'proxies.json');
    fs.writeFileSync(file, JSON.stringify(list), { mode: 0o600 });
    loopwire.configure({ idleCheckMs: IDLE_CHECK_MS });
    loopwire.setAPIHost(pathToFileURL(file).href);

    const hear = (/** @type {Buffer} */ data) => this.#callback(data.toString());
    // Of clients with this URL only the newest receives; here whoever looks on may have the events, too.
    const options = { delivery: 'all', inspector: true };
    const token = loopwire.generateToken();
    const listener = loopwire.startEventListener(0, token, hear, options);
    this.url = listener.url;
    // A browser sends to nobody what stands behind the #.
    this.#pageUrl = `http://127.0.0.1:${listener.port}/inspect#token=${token}`;
    this.#client = await connect(this.url, (text) => this.streams.add('client', text));
  }

  /** @param {string} text */
  #callback(text) {
    this.streams.add('callback', text);
    const { type, payload } = JSON.parse(text);
    // What an application does: ask for the port's state when it has changed.
    if (type === 'portStateUpdate') this.#state(Number(payload));
  }

  /** @param {number} port */
  #state(port) {
    const config = JSON.parse(loopwire.getConfigJSON(port));
    if (config.is_online === undefined) return;
    const { is_online: online, upstream, last_error: why } = config;
    if (online) this.streams.note(`${port} is online, through ${upstream}`, 'green');
    else this.streams.note(`${port} is offline: ${why}`, 'red');
  }

  /** The heading: who listens, and where others may. */
  async open() {
    await this.screen.title(
      `${loopwire.getVersionInfo()}: each event of the engine, in a callback and at a WebSocket`,
      'To look on, open the page in a browser, or connect a WebSocket client. Both URLs end with the token.',
    );
    this.screen.verbatim(this.#pageUrl);
    this.screen.verbatim(this.url);
    this.screen.columns('JavaScript callback', `WebSocket client (${this.#client?.name})`);
  }

  /** The port range of the demo, instead of 60000 and the 99 after it. */
  takeRange() {
    return loopwire.updateIpFormatAndPorts('127.0.0.1:%d', this.#range, 3);
  }

  /** Forwards a proxy on its port. @param {Name} name */
  async forward(name) {
    const result = await loopwire.createWithId(this.ports[name], name);
    const call = `await createWithId(${this.ports[name]}, '${name}')`;
    this.streams.note(`${call} → ${result}`, result === 0 ? 'green' : 'red');
  }

  /** @param {string} type @param {object} payload */
  emit(type, payload) {
    loopwire.emit(type, payload);
  }

  stopProxy() {
    loopwire.stopProxy();
  }

  /** Stops everything; what it leaves behind is nothing. */
  async clear() {
    await loopwire.shutdown();
    const ending = await this.#client?.closed;
    this.streams.end();
    const servers = [this.origin, ...Object.values(this.upstreams)];
    await Promise.all(servers.map((server) => server.stop()));
    fs.rmSync(this.#folder, { recursive: true, force: true });
    return ending;
  }
}

module.exports = { Stage };
