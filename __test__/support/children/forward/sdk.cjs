// A program as the SDK's public pages have it: their names, their order, their helper. Only the `require` line is ours.
//
// Its arguments: the provider's base URL, the key, the first of eight free ports, a directory, a port for the channel, one for
// the HTTP API, and one that is taken. It prints each event as a line, and then each function's result.
'use strict';

const sdk = require('../../../..');

const [base, key, first, directory, endpoint, apiPort, takenPort] = process.argv.slice(2);
const port = Number(first);
const say = (what) => console.log(JSON.stringify(what));
const seen = [];
const waiting = [];

/** The pages' helper: a numeric result that is not 0 throws. */
function check(name, result) {
  if (typeof result === 'number' && result !== 0) {
    throw new Error(`${name}: ${sdk.sdkGetLastError() || `rc=${result}`}`);
  }
  return result;
}

function heard(type, payload) {
  const matches = (event) =>
    event.type === type && (payload === undefined || event.payload.startsWith(payload));
  if (seen.some(matches)) return undefined;
  return new Promise((resolve) => waiting.push({ matches, resolve }));
}

function onEvent(data) {
  const event = JSON.parse(data.toString());
  seen.push(event);
  say({ event });
  for (const one of waiting) if (one.matches(event)) one.resolve();
}

async function main() {
  check('initialize', sdk.initialize());
  sdk.runAsync();
  sdk.enableDebug();
  check('setSaveDataPath', sdk.setSaveDataPath(directory));
  sdk.setAPIHost(base);
  sdk.setQuery('api-key', key);
  sdk.setHeader('X-Client', 'sdk-program');
  sdk.setUserCountryCode('HK');
  sdk.startEventListener(Number(endpoint), 'abcd1234', onEvent);
  check('updateIpFormatAndPorts', sdk.updateIpFormatAndPorts('127.0.0.1:%d', port, 8));
  await heard('settingPortChange', `${port}:8`);
  sdk.restoreData();
  await heard('restoreDone');

  const json = Buffer.from(
    JSON.stringify({
      [port + 1]: {
        port: port + 1,
        country: ['US'],
        state: '',
        city: '',
        zip: '',
        isp: '',
        refresh: true,
        rotation: true,
      },
    }),
  );
  check('setConfigPorts', sdk.setConfigPorts(json, json.length));
  const one = Buffer.from(JSON.stringify({ country: ['DE'], rotation: false }));
  check('putConfigPort', sdk.putConfigPort(port + 2, one, one.length));
  check('createWithId', await sdk.createWithId(port, 'proxy-1', '1', 'manual'));
  await heard('forwardListCompleted', 'proxy-1');
  const ports = Uint32Array.of(port + 1, port + 2, port + 3);
  const byConfigs = await sdk.createProxyByPortConfigs('by-configs', '1', ports, 3);
  const quick = await sdk.quickCreateProxies('quick', '1', Uint32Array.of(port, port + 3), 2, 1);
  check('quickCreateAtPort', await sdk.quickCreateAtPort(port + 4, 'quick-at', '1'));
  const filter = JSON.stringify({ country: 'US', list_type: -1 });
  const configured = await sdk.createWithConfigure(
    'configured',
    Uint32Array.of(port + 5),
    1,
    filter,
  );
  const failed = await sdk.createWithId(port + 6, 'no-such-proxy');
  await heard('proxyError', 'no-such-proxy:req_proxy_config_error@');

  const config = JSON.parse(sdk.getConfigJSON(port));
  const configs = JSON.parse(sdk.getConfigsJSON());
  check('setProxyAuth', sdk.setProxyAuth(1, 'user', 'password'));
  check('setEnableProxyAuth', sdk.setEnableProxyAuth(0));
  check('setProtocol', sdk.setProtocol(0));
  check('enableAutoRotation', sdk.enableAutoRotation(0));
  check('setAutoRotationSetting', sdk.setAutoRotationSetting(600, 1));
  check('setRenewSetting', sdk.setRenewSetting(60, 100, 0));
  check('enableAutoRenew', sdk.enableAutoRenew(1));
  const results = {
    api: sdk.getAPIHost(),
    version: sdk.getVersionInfo(),
    byConfigs,
    quick,
    configured,
    failed,
    proxy: [config.proxy_id, config.address, config.client_country_code, config.is_online],
    forwarded: configs.map(({ Index }) => Index - port),
    renew: [
      sdk.getEnableAutoRenew(),
      sdk.getAutoRefreshProxyRateLimit(),
      sdk.getAutoRefreshProxyCountLimit(),
    ],
    ports: [sdk.getPorts().length, sdk.getPortsWithLimit(2).length],
    from: sdk.getPortsWithStartLimit(port + 6, 5).map((number) => number - port),
    free: sdk.getPortsFreeWithLimit(9).map((number) => number - port),
    available: sdk
      .getPortsAvailable(Uint32Array.of(port, port + 7), 2)
      .map((number) => number - port),
    running: [sdk.isRunningPort(port), sdk.isRunningPort(port + 7)],
    open: [sdk.checkPortAvailable(port), sdk.checkPortAvailable(port + 7)],
    test: await sdk.testPort(port),
  };

  check('startHttpApi', sdk.startHttpApi(Number(apiPort)));
  const answer = await fetch(`http://127.0.0.1:${apiPort}/api/port_check?ports=${port}&t=2`);
  results.http = await answer.json();
  check('stopHttpApi', sdk.stopHttpApi());
  results.taken = sdk.startHttpApi(Number(takenPort));
  await heard('httpError');
  check('setRangePort', sdk.setRangePort(port, port + 4));
  await heard('portRemoved', String(port + 5));
  check('removePort', sdk.removePort(port + 4));
  check('stopProxy', sdk.stopProxy());
  sdk.cleanData();
  sdk.closeTokenChan();
  sdk.stopCommunicate();
  // Port 0 is any: the one before is free a moment after stopCommunicate.
  check('startCommunicate', sdk.startCommunicate(1, 0, 'abcd1234'));
  say({ results });
  await sdk.shutdown();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
