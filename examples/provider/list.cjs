// The list of proxies: read, looked up, filtered.
'use strict';

const fs = require('node:fs/promises');

/**
 * @typedef {{id: string, protocol: string, host?: string, port?: number, username?: string, password?: string,
 *   country_code?: string, state?: string, city?: string, zip?: string, isp?: string, public_ip?: string}} Proxy
 */

/** How many proxies an answer has where the request says nothing. */
const DEFAULT_LIMIT = 100;

/** How many it can ask for. */
const MAX_LIMIT = 1_000;

/** The parameters that name a place, and the keys they are compared with. */
const PLACE = /** @type {const} */ ({
  country: 'country_code',
  state: 'state',
  city: 'city',
  zip: 'zip',
  isp: 'isp',
});

/** A file is read for each request: an edited list takes effect at once. @param {string | Proxy[]} list */
async function read(list) {
  /** @type {Proxy[]} */
  const proxies = typeof list === 'string' ? JSON.parse(await fs.readFile(list, 'utf8')) : list;
  if (!Array.isArray(proxies)) throw new TypeError('the list must be a JSON array');
  return proxies;
}

/**
 * The proxies that a request is about; null if its `limit` is none.
 *
 * @param {Proxy[]} proxies
 * @param {URLSearchParams} query
 */
function select(proxies, query) {
  const limit = Number(query.get('limit') ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) return null;
  const tests = Object.entries(PLACE).map(([name, key]) => {
    // Several countries come in one parameter, comma by comma.
    const values = query
      .getAll(name)
      .flatMap((value) => (name === 'country' ? value.split(',') : value));
    const wanted = values.filter(Boolean).map((value) => value.toLowerCase());
    return (/** @type {Proxy} */ proxy) =>
      wanted.length === 0 || wanted.includes(String(proxy[key] ?? '').toLowerCase());
  });
  return proxies.filter((proxy) => tests.every((fits) => fits(proxy))).slice(0, limit);
}

module.exports = { read, select };
