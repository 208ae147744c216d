// The application in the pictures: ports through real upstreams, events, clients, and a workspace with a repository.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { pathToFileURL } = require('node:url');
// @ts-expect-error It has no types of its own, and none are needed here.
const { WebSocket } = require('ws');
const { freeRange } = require('../../examples/demo/ports.cjs');
const { socks5 } = require('../../examples/demo/requests.cjs');
const { httpUpstream, socksUpstream } = require('../../examples/demo/upstreams.cjs');
const loopwire = require('../..');

const PROXIES = [
  { id: 'de-berlin-1', protocol: 'socks5', bytes: 900_000, pause: 120 },
  { id: 'us-east-0042', protocol: 'http', bytes: 40_000, pause: 150 },
  { id: 'fr-paris-2', protocol: 'socks5', bytes: 9_000, pause: 300 },
  { id: 'jp-tokyo-9', protocol: 'socks5', bytes: 3_000, pause: 900 },
];
/** This one's upstream dies. */
const DEAD = 2;
const NAMES = ['app:click', 'app:route', 'build:done', 'cache:miss', 'job:progress'];

class Application {
  /** @type {any} */
  listener;
  #folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-pictures-')));
  #token = loopwire.generateToken();
  #origin = http.createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://origin');
    response.end(Buffer.alloc(Number(searchParams.get('bytes')), 'a'));
  });
  #upstreams = PROXIES.map(({ protocol }) =>
    protocol === 'http' ? httpUpstream() : socksUpstream(),
  );
  #end = new AbortController();
  /** @type {Promise<void>[]} */
  #flows = [];
  /** @type {any[]} */
  #clients = [];

  static async start() {
    const application = new Application();
    await application.#start();
    return application;
  }

  /** What the page takes out of its address. */
  get fragment() {
    return `#token=${this.#token}`;
  }

  get #project() {
    return path.join(this.#folder, 'project');
  }

  async #start() {
    this.listener = loopwire.startEventListener(0, this.#token, () => {}, { inspector: true });
    this.#makeProject();
    loopwire.openWorkspace(this.#project, {
      snapshotDir: path.join(this.#folder, 'snapshots'),
      env: { PS1: '$ ', HISTFILE: '' },
      shell: ['/bin/bash', '--norc', '-c'],
    });
    await new Promise((resolve) => {
      this.#origin.listen(0, '127.0.0.1', () => resolve(undefined));
    });
    await this.#forward();
    for (const part of [`/ws/${this.#token}`, `/ws/${this.#token}`, `/ws?token=${this.#token}`]) {
      this.#clients.push(new WebSocket(`ws://127.0.0.1:${this.listener.port}${part}`));
    }
    this.#flows.push(this.#publish());
  }

  async #forward() {
    const first = await freeRange(PROXIES.length);
    for (const upstream of this.#upstreams) await upstream.start();
    const list = PROXIES.map(({ id, protocol }, index) => ({
      id,
      protocol,
      host: '127.0.0.1',
      port: this.#upstreams[index].port,
    }));
    const file = path.join(this.#folder, 'proxies.json');
    fs.writeFileSync(file, JSON.stringify(list));
    loopwire.setAPIHost(pathToFileURL(file).href);
    loopwire.configure({ idleCheckMs: 500 });
    loopwire.updateIpFormatAndPorts('127.0.0.1:%d', first, PROXIES.length);
    for (const [index, { id }] of PROXIES.entries()) {
      await loopwire.createWithId(first + index, id);
      this.#flows.push(this.#request(first + index, PROXIES[index]));
    }
  }

  /** @param {number} port @param {{bytes: number, pause: number}} how */
  async #request(port, { bytes, pause }) {
    const { port: origin } = /** @type {import('node:net').AddressInfo} */ (this.#origin.address());
    for (let n = 0; !this.#end.signal.aborted; n += 1) {
      const size = Math.round(bytes * (1.2 + Math.sin(n / 8 + port)));
      await socks5(port, `http://127.0.0.1:${origin}/?bytes=${size}`).catch(() => {});
      await this.#pause(pause);
    }
  }

  /** Publishes as an application does: some all the time, more now and then. */
  async #publish() {
    for (let n = 0; !this.#end.signal.aborted; n += 1) {
      const burst = 3 + Math.round(20 * Math.abs(Math.sin(n / 9)));
      for (let index = 0; index < burst; index += 1) {
        loopwire.emit(NAMES[(n * 7 + index * index) % NAMES.length], {
          id: n * 100 + index,
          path: `/projects/${n % 9}`,
          ms: (n * 13 + index * 7) % 120,
        });
      }
      await this.#pause(100);
    }
  }

  /** @param {number} ms */
  #pause(ms) {
    return sleep(ms, undefined, { signal: this.#end.signal }).catch(() => {});
  }

  #makeProject() {
    const git = (/** @type {string[]} */ ...args) =>
      execFileSync('git', ['-C', this.#project, ...args], { stdio: 'ignore' });
    fs.mkdirSync(path.join(this.#project, 'src'), { recursive: true });
    this.#write('README.md', '# A project\n');
    this.#write('src/main.js', "console.log('hello');\n");
    this.#write('src/old-name.js', 'export {};\n');
    git('init', '-q', '-b', 'main');
    git('config', 'user.name', 'Somebody');
    git('config', 'user.email', 'somebody@example.org');
    git('add', '.');
    git('commit', '-q', '-m', 'Begin');
  }

  /** @param {string} file @param {string} text */
  #write(file, text) {
    fs.writeFileSync(path.join(this.#project, file), text);
  }

  /** Changes of several kinds in the project. */
  change() {
    this.#write('README.md', '# A project\n\nIt does more now.\n');
    this.#write('src/new.js', 'export const answer = 42;\n');
    fs.rmSync(path.join(this.#project, 'src/old-name.js'), { force: true });
  }

  /** Ends an upstream, whose port goes offline. */
  async lose() {
    await this.#upstreams[DEAD].stop();
  }

  async stop() {
    this.#end.abort();
    await Promise.all(this.#flows);
    for (const client of this.#clients) client.terminate();
    await loopwire.shutdown();
    await Promise.all(this.#upstreams.map((upstream) => upstream.stop()));
    this.#origin.close();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

module.exports = { Application };
