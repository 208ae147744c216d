// The tasks of a page's main thread: how long each took, and how long it worked. On a busy machine a task waits for a processor,
// too, and only what it worked is the page's own doing.
'use strict';

const { once } = require('node:events');

/** What browsers call a long task. */
const LONG_MS = 50;

/**
 * Records until the function that it gives is called.
 *
 * @param {any} browser of playwright-core
 * @returns {Promise<() => Promise<{count: number, ms: number, longest: number, slow: string[]}>>}
 */
async function recordTasks(browser) {
  const session = await browser.newBrowserCDPSession();
  const mains = new Set();
  const tasks = new Map();
  // Hundreds of thousands: only sums and long ones are kept.
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const { name, args, pid, tid, dur, tdur = 0 } of value) {
      const thread = `${pid} ${tid}`;
      if (name === 'thread_name' && args.name === 'CrRendererMain') mains.add(thread);
      if (name !== 'RunTask' || dur === undefined) continue;
      const [wall, cpu] = [dur / 1000, tdur / 1000];
      const of = tasks.get(thread) ?? { count: 0, ms: 0, longest: 0, slow: [] };
      tasks.set(thread, of);
      of.count += 1;
      of.ms += cpu;
      of.longest = Math.max(of.longest, cpu);
      if (wall > LONG_MS) of.slow.push(`${wall.toFixed(0)} (worked ${cpu.toFixed(0)})`);
    }
  });
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline'] },
  });
  return async () => {
    const complete = once(session, 'Tracing.tracingComplete');
    await session.send('Tracing.end');
    const [{ dataLossOccurred }] = await complete;
    if (dataLossOccurred) throw new Error('the browser has not recorded all tasks');
    await session.detach();
    // The page that is measured is the one that does most.
    return [...tasks]
      .filter(([thread]) => mains.has(thread))
      .map(([, of]) => of)
      .sort((a, b) => b.count - a.count)[0];
  };
}

module.exports = { recordTasks, LONG_MS };
