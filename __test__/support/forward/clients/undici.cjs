// undici, Node's HTTP client: requests and a WebSocket through its proxy agents.
'use strict';

const { tool } = require('../../needs.cjs');
const { ETAG, sha256 } = require('../web.cjs');

/** What a WebSocket hears that says hi. */
function hi({ WebSocket }, base, dispatcher) {
  const socket = new WebSocket(`${base.replace('http', 'ws')}/socket`, { dispatcher });
  socket.addEventListener('open', () => socket.send('hi'));
  return new Promise((resolve, reject) => {
    socket.addEventListener('message', ({ data }) => resolve(data));
    socket.addEventListener('error', ({ error }) => reject(error));
  }).finally(() => socket.close());
}

/**
 * @param {(undici: any, port: number) => any} make an agent
 * @param {typeof hi} [talk] for agents that tunnel: an Upgrade does not survive a proxy
 */
function way(make, talk) {
  /** Runs `work` with an agent that is gone afterwards. */
  const through = async (port, work) => {
    const undici = require(/** @type {string} */ (tool('undici')));
    const dispatcher = make(undici, port);
    const ask = async (url, options) => {
      const answer = await undici.request(url, { dispatcher, ...options });
      return { ...answer, body: Buffer.from(await answer.body.arrayBuffer()) };
    };
    try {
      return await work(ask, undici, dispatcher);
    } finally {
      await dispatcher.destroy();
    }
  };
  return {
    talks: Boolean(talk),
    visit: (port, base) =>
      through(port, async (ask, undici, dispatcher) => {
        const text = async (url, options) => String((await ask(base + url, options)).body);
        const { body } = await ask(`${base}/download`);
        const head = await ask(`${base}/head`, { method: 'HEAD' });
        const cached = await ask(`${base}/cached`, { headers: { 'if-none-match': ETAG } });
        const socket = await talk?.(undici, base, dispatcher);
        return {
          small: await text('/small'),
          download: sha256(body),
          chunked: await text('/chunked'),
          head: `${head.statusCode} ${head.headers['content-length']}`,
          cached: cached.statusCode,
          upload: await text('/upload', { method: 'POST', body }),
          ...(socket && { socket }),
        };
      }),
    turns: (port, urls) =>
      through(port, async (ask) => {
        for (const url of urls) await ask(url);
      }),
  };
}

const agent =
  (proxyTunnel) =>
  ({ ProxyAgent }, port) =>
    new ProxyAgent({ uri: `http://127.0.0.1:${port}`, proxyTunnel });
const socks = ({ Socks5ProxyAgent }, port) => new Socks5ProxyAgent(`socks5://127.0.0.1:${port}`);

const undici = {
  name: 'undici',
  tools: ['undici'],
  // It makes a second one before it knows that the first is free.
  connections: 2,
  ways: {
    'http://': way(agent(false)),
    CONNECT: way(agent(true), hi),
    'socks5://': way(socks, hi),
  },
};

module.exports = { undici };
