// The demo behind `npm start`: real events of the forward engine, in the callback and at a WebSocket client.
//
//   npm start              shows everything once, then goes on until Ctrl+C
//   npm start -- --once    ends by itself; code 1 unless every event came at both sides, in the same order
'use strict';

const { setTimeout: sleep } = require('node:timers/promises');
const { Stage } = require('./demo/stage.cjs');
const { request, steps, stopped } = require('./demo/steps.cjs');

const PAUSE_MS = 2_000;
// After so many requests an upstream dies, after as many it is back.
const LIFE = 4;

/** @typedef {import('./demo/stage.cjs').Name} Name */

/** Requests without end, through upstreams that come and go. @param {InstanceType<typeof Stage>} stage @param {AbortSignal} signal */
async function goOn(stage, signal) {
  await stage.screen.title(
    'On it goes, until Ctrl+C',
    'A request every two seconds; now and then an upstream dies and comes back.',
  );
  const names = /** @type {Name[]} */ (Object.keys(stage.ports));
  /** @type {Name | undefined} */
  let dead;
  for (let count = 0; !signal.aborted; count += 1) {
    if (dead && count % LIFE === 0) {
      stage.screen.remark(`the upstream of ${stage.ports[dead]} is started again`, 'yellow');
      await stage.upstreams[dead].start();
      dead = undefined;
    } else if (count % LIFE === 0 && count > 0) {
      dead = names[(count / LIFE) % names.length];
      stage.screen.remark(`the upstream of ${stage.ports[dead]} is killed`, 'yellow');
      await stage.upstreams[dead].stop();
    }
    await request(stage, names[count % names.length], Math.floor(count / names.length));
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
}

/** @param {boolean} once @param {AbortSignal} signal */
async function run(once, signal) {
  const stage = await Stage.set();
  const { screen, streams } = stage;
  try {
    await stage.open();
    for (const step of steps) {
      if (signal.aborted) break;
      streams.mark();
      await step(stage);
    }
    if (!once) await goOn(stage, signal);
    await stopped(stage);
    const count = await streams.compare();
    const closed = await stage.clear();
    await screen.title(
      'The end',
      `The WebSocket client was told ${closed?.code}, "${closed?.reason}".`,
    );
    const good = streams.problems.length === 0;
    if (good)
      screen.remark(`${count} events, the same at both sides and in the same order.`, 'green');
    else screen.remark(`${streams.problems.length} problems, see above.`, 'red');
    return good;
  } finally {
    await stage.clear();
  }
}

/** @param {string[]} args */
async function main(args) {
  const unknown = args.find((arg) => arg !== '--once');
  if (unknown !== undefined) throw new Error(`Unknown option ${unknown}; there is --once.`);
  const stop = new AbortController();
  // Twice is meant: then the process ends where it stands.
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.once(name, () => stop.abort());
  }
  // No `process.exit`: the process ends by itself, since nothing is left.
  process.exitCode = (await run(args.includes('--once'), stop.signal)) ? 0 : 1;
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
