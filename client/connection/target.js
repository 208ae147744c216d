// Where to connect: the URL and the sub-protocols, made from any of the protocol's forms (PROTOCOL section 1).

const TOKEN = /^[0-9A-Za-z._~-]{1,256}$/;
/** The SDK's form: not the names beneath `/ws/` that are routes. */
const IN_PATH = /\/ws\/(?!(?:connections?|connect|disconnect)$)([^/]+)$/;
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;
/** The flags that this client sets itself. */
const FLAGS = ['token', 'v', 'binary', 'silent', 'epoch', 'since', 'client'];

/** No error names the URL: it may have the token in it. */
export class Target {
  /** The token stays in the path: only then it is a connection of the SDK's form. */
  #inPath;
  #flags = {};
  #url;
  #token;
  /** What the URL said of `epoch` and `since`. */
  since;

  constructor({ url, token, ...flags }) {
    const parsed = parse(url);
    const query = parsed.searchParams;
    const inPath = IN_PATH.exec(parsed.pathname)?.[1];
    const [first, ...others] = [token, inPath, query.get('token')].filter((one) => one != null);
    if (others.some((other) => other !== first)) {
      throw new TypeError('two different tokens were given');
    }
    if (typeof first !== 'string' || !TOKEN.test(first)) {
      throw new TypeError('a token (0-9 A-Z a-z . _ ~ -) is needed, as an option or in url');
    }
    this.#token = first;
    this.#inPath = inPath !== undefined;
    for (const name of ['binary', 'silent']) {
      if (flags[name] ?? query.get(name) === 'true') this.#flags[name] = 'true';
    }
    if (this.#inPath) this.#flags.v = '1';
    const since = query.get('since');
    if (since !== null) this.since = { epoch: query.get('epoch') ?? undefined, seq: Number(since) };
    for (const name of FLAGS) query.delete(name);
    if (!this.#inPath && !parsed.pathname.endsWith('/ws')) {
      parsed.pathname = `${parsed.pathname.replace(/\/$/, '')}/ws`;
    }
    this.#url = parsed;
  }

  /** For messages: where, without any secret. */
  get place() {
    return `${this.#url.protocol}//${this.#url.host}`;
  }

  /** Whether the page comes from there: then no permission is needed, whatever was said about it. */
  get isOwn() {
    return this.#url.host === globalThis.location?.host;
  }

  /** Whether the network of this machine does not matter. */
  get loopback() {
    return LOOPBACK.test(this.#url.hostname);
  }

  /** What the class WebSocket gets. `flags` are those of the position. */
  socket(flags) {
    const protocols = this.#inPath ? [] : ['loopwire.v1', `bearer.${this.#token}`];
    return { url: this.#with(flags).href, protocols };
  }

  /** The same route for `fetch`, with the token in a header. */
  probe(flags) {
    const url = this.#with(flags);
    url.protocol = url.protocol.replace('ws', 'http');
    if (this.#inPath) url.pathname = url.pathname.replace(/\/[^/]+$/, '');
    return { url: url.href, headers: { authorization: `Bearer ${this.#token}` } };
  }

  /** What a stranger said, which may repeat the URL. */
  hide(text) {
    return text.replaceAll(this.#token, '…');
  }

  #with(flags) {
    const url = new URL(this.#url.href);
    for (const [name, value] of Object.entries({ ...this.#flags, ...flags })) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return url;
  }
}

function parse(url) {
  let parsed;
  try {
    parsed = new URL(url, globalThis.location?.href);
  } catch {
    throw new TypeError('url is not a URL');
  }
  parsed.protocol = parsed.protocol.replace('http', 'ws');
  if (!/^wss?:$/.test(parsed.protocol)) {
    throw new TypeError('url must begin with ws:, wss:, http: or https:');
  }
  parsed.hash = '';
  return parsed;
}
