// Memory and endurance of the channel: each measurement runs in its own process.
//
// The bounds are three times the goals, for machines that are shared; `npm run figures` prints the figures.
'use strict';

const { run } = require('../support/process/child.cjs');
const { when } = require('../support/needs.cjs');

const linux = when(process.platform === 'linux', 'Linux');
const MB = 1e6;

const measure = (...args) => run('channel/memory', { args, flags: ['--expose-gc'] });

linux.describe('memory', () => {
  test('an idle connection takes some kilobytes', async () => {
    const { bytes } = await measure('idle', '1000');
    expect(bytes).toBeLessThan(36_000);
  }, 60_000);

  test('a client that stops reading costs at most the journal, and gets the exact gap', async () => {
    const { bytes, count, from, gaps, beforeGap, afterGap, wrong, last } = await measure('stalled');
    expect(bytes).toBeLessThan(36 * MB);
    expect({ wrong, last }).toEqual({ wrong: null, last: from + count });
    expect(gaps).toHaveLength(1);
    const [gap] = gaps;
    expect(gap.reason).toBe('overflow');
    // What it got and what it was told to have missed are all there was.
    expect(beforeGap + afterGap + (gap.to - gap.from + 1)).toBe(count);
    expect(gap.from).toBe(from + beforeGap + 1);
  }, 60_000);

  test('JavaScript that is blocked for two seconds loses nothing', async () => {
    const { bytes, heard, wrong } = await measure('blocked');
    expect({ heard, wrong }).toEqual({ heard: 2_000_000, wrong: null });
    expect(bytes).toBeLessThan(36 * MB);
  }, 60_000);

  test('ten thousand bad handshakes leave nothing', async () => {
    const { batches, descriptors, refused } = await measure('bad', '10000');
    expect({ descriptors, refused }).toEqual({ descriptors: 0, refused: 30_000 });
    expect(batches[0]).toBeLessThan(12 * MB);
    for (const bytes of batches.slice(1)) expect(bytes).toBeLessThan(3 * MB);
  }, 120_000);

  test('a thousand slow handshakes time out and do not block other clients', async () => {
    const { goodMs, goodMedianMs, goneMs, rounds, turnedOut } = await measure('slow', '1000');
    // With two cores for flood and listener, one in hundreds finds its place taken; it may come again.
    expect(turnedOut).toBeLessThanOrEqual(1 + rounds * 0.05);
    expect(goodMedianMs).toBeLessThan(100);
    expect(goodMs).toBeLessThan(1_000);
    // Five seconds, and what a busy machine adds.
    expect(goneMs).toBeLessThan(6_500);
  }, 60_000);
});
