// A reference provider: the HTTP API that `setAPIHost('http://…')` asks for upstream proxies, served from a list in a
// file. README.md beside this file says what an API of your own must do.
//
//   node examples/provider --list proxies.json [--port 0] [--key KEY] [--base /sdk/v1]
//
// It prints its address and serves until Ctrl+C. As a module, for tests:
//
//   const provider = await start({ list: [{ id: 'a', protocol: 'http', host: 'h', port: 1 }] });
//   provider.say({ status: 400, body: { message: 'VALIDATE_FAILED' } });   // the next answer
//   await provider.until(1);                                              // until it was asked
//   provider.requests[0].query;                                           // { plan: '1', … }
//   await provider.stop();
'use strict';

const { parseArgs } = require('node:util');
const { Provider } = require('./server.cjs');

/** Starts a provider. @param {import('./server.cjs').Options} options */
async function start(options) {
  const provider = new Provider(options);
  await provider.start();
  return provider;
}

async function main() {
  const { values } = parseArgs({
    options: {
      list: { type: 'string' },
      port: { type: 'string', default: '0' },
      // Others on this machine can read a program's arguments; its environment they cannot.
      key: { type: 'string', default: process.env.PROVIDER_KEY },
      base: { type: 'string' },
    },
  });
  if (!values.list) throw new Error('--list FILE is missing: a JSON list of proxies');
  const { list, port, key, base } = values;
  const provider = await start({ list, port: Number(port), key, base });
  console.log(provider.url);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void provider.stop());
}

module.exports = { start };

if (require.main === module) {
  main().catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
