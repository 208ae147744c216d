/**
 * The send queue: what waits, in which order it goes, and what becomes of it when the connection is lost.
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const { FakeClock } = require('../support/client/fakes.cjs');

const { SendError, SendQueue } = requireModule('send-queue.js');
const LIMITS = { maxQueued: 5, maxQueuedBytes: 1_000, maxBufferedBytes: 100 };

/** A connection that takes messages until it is full. */
class Wire {
  bufferedAmount = 0;
  sent = [];

  write(text) {
    this.sent.push(text);
  }

  /** What is sent, with envelopes as `n:message`. */
  get short() {
    return this.sent.map((text) => {
      const { type, data } = text.startsWith('{') ? JSON.parse(text) : {};
      return type === 'reliable' ? `${data.n}:${JSON.stringify(data.message)}` : text;
    });
  }
}

function setup(limits = {}) {
  const clock = new FakeClock();
  const queue = new SendQueue({ clock, ...LIMITS, ...limits });
  const open = (taken = 0, memory = 'first') => {
    const wire = new Wire();
    queue.opened(wire, { taken, memory });
    return wire;
  };
  return { clock, queue, open };
}

/** How a Promise stands: `waits`, `done: value`, or `failed: code`. */
async function outcome(promise) {
  const waits = {};
  const nothing = new Promise((resolve) => setImmediate(resolve, waits));
  try {
    const value = await Promise.race([promise, nothing]);
    return value === waits ? 'waits' : `done: ${value}`;
  } catch (error) {
    return `failed: ${error.code ?? error}`;
  }
}

describe('reliable', () => {
  test('a message resolves when it is acknowledged, and that covers all before it', async () => {
    const { queue, open } = setup();
    const wire = open();
    const [first, second, third] = ['a', { type: 'b' }, 'c'].map((one) => queue.send(one));
    expect(wire.sent).toEqual([
      '{"type":"reliable","data":{"n":1,"message":"a"}}',
      '{"type":"reliable","data":{"n":2,"message":{"type":"b"}}}',
      '{"type":"reliable","data":{"n":3,"message":"c"}}',
    ]);
    expect(await outcome(first)).toBe('waits');
    queue.acknowledge({ n: 2 });
    expect(await outcome(first)).toBe('done: undefined');
    expect(await outcome(second)).toBe('done: undefined');
    expect(await outcome(third)).toBe('waits');
    expect(queue.pending()).toEqual([{ message: 'c', mode: 'reliable', sent: true }]);
  });

  test('what is not acknowledged is sent again before what waited, with its number', async () => {
    const { queue, open } = setup();
    open();
    const sent = ['a', 'b', 'c'].map((one) => queue.send(one));
    queue.lost();
    const waited = queue.send('d');
    const wire = open(1);
    expect(wire.short).toEqual(['2:"b"', '3:"c"', '4:"d"']);
    expect(await outcome(sent[0])).toBe('done: undefined');
    queue.acknowledge({ n: 4 });
    for (const one of [...sent, waited]) expect(await outcome(one)).toBe('done: undefined');
    expect(queue.pending()).toEqual([]);
  });

  test('two losses in a row do not change the order', async () => {
    const { queue, open } = setup();
    open();
    for (const one of ['a', 'b', 'c']) void queue.send(one);
    queue.lost();
    // So congested that it takes one message.
    const narrow = new Wire();
    narrow.write = (text) => {
      narrow.sent.push(text);
      narrow.bufferedAmount = 1_000;
    };
    queue.opened(narrow, { taken: 1, memory: 'first' });
    expect(narrow.short).toEqual(['2:"b"']);
    queue.lost();
    expect(open(1).short).toEqual(['2:"b"', '3:"c"']);
  });

  test('a listener that does not know the client leaves the outcome of what was sent unknown', async () => {
    const { queue, open } = setup();
    open();
    const sent = queue.send('sent');
    const repeated = queue.send('again', { repeat: true });
    queue.lost();
    const waiting = queue.send('waiting');
    const wire = open(0, 'second');
    expect(wire.short).toEqual(['2:"again"', '3:"waiting"']);
    expect(await outcome(sent)).toBe('failed: OUTCOME_UNKNOWN');
    queue.acknowledge({ n: 3 });
    expect(await outcome(repeated)).toBe('done: undefined');
    expect(await outcome(waiting)).toBe('done: undefined');
  });

  test('numbers of another memory say nothing of what was sent', async () => {
    const { queue, open } = setup();
    open();
    const sent = queue.send('sent');
    queue.lost();
    // It has taken 5 of a connection whose `hello` never came: those cannot be ours.
    open(5, 'second');
    expect(await outcome(sent)).toBe('failed: OUTCOME_UNKNOWN');
  });

  test('a refused message rejects with the code of the listener', async () => {
    const { queue, open } = setup();
    open();
    const [first, second] = ['a', 'b'].map((one) => queue.send(one));
    queue.acknowledge({ n: 2, code: 'BAD_MESSAGE', message: 'nobody takes it' });
    expect(await outcome(first)).toBe('done: undefined');
    await expect(second).rejects.toMatchObject({ code: 'BAD_MESSAGE', message: 'nobody takes it' });
    await expect(second).rejects.toBeInstanceOf(SendError);
  });

  test('an acknowledgement without a number means nothing', async () => {
    const { queue, open } = setup();
    open();
    const waits = queue.send('a');
    for (const data of [{}, { n: null }, { n: 'x' }]) queue.acknowledge(data);
    expect(await outcome(waits)).toBe('waits');
  });

  test('an older listener acknowledges nothing, and that is told', async () => {
    const { queue } = setup();
    const early = queue.send('early');
    queue.opened(new Wire(), {});
    expect(await outcome(early)).toBe('failed: NOT_SUPPORTED');
    expect(await outcome(queue.send('late'))).toBe('failed: NOT_SUPPORTED');
    expect(queue.send('now', { mode: 'drop' })).toBe(true);
  });

  test('a message whose number was never acknowledged does not give its number away', async () => {
    const { queue, open } = setup();
    const wire = open();
    void queue.send('a');
    queue.clear();
    void queue.send('b');
    expect(wire.short).toEqual(['1:"a"', '2:"b"']);
  });

  test('every client has an id of its own that fits the flag', () => {
    const ids = Array.from({ length: 100 }, () => setup().queue.id);
    for (const id of ids) expect(id).toMatch(/^[0-9-]{22,64}$/);
    expect(new Set(ids).size).toBe(100);
  });
});

describe('latest', () => {
  test('one message waits per key, and the newest is sent', async () => {
    const { queue, open } = setup();
    const latest = (message, key) => queue.send(message, { mode: 'latest', key });
    const results = [
      latest({ type: 'cursor', x: 1 }),
      latest('zoom 1', 'zoom'),
      latest({ type: 'cursor', x: 2 }),
      latest('zoom 2', 'zoom'),
    ];
    expect(queue.pending()).toEqual([
      { message: { type: 'cursor', x: 2 }, mode: 'latest', key: 'cursor', sent: false },
      { message: 'zoom 2', mode: 'latest', key: 'zoom', sent: false },
    ]);
    expect(open().sent).toEqual(['{"type":"cursor","x":2}', 'zoom 2']);
    expect(await Promise.all(results)).toEqual([false, false, true, true]);
    expect(queue.pending()).toEqual([]);
  });

  test('it keeps its place among reliable messages', () => {
    const { queue, open } = setup();
    void queue.send('a');
    void queue.send('b', { mode: 'latest' });
    void queue.send('c');
    expect(open().short).toEqual(['1:"a"', 'b', '2:"c"']);
  });

  test('one that does not fit leaves the older one where it is', async () => {
    const { queue, open } = setup();
    const older = queue.send('older', { mode: 'latest' });
    const newer = queue.send('x'.repeat(1_001), { mode: 'latest' });
    expect(await outcome(newer)).toBe('failed: QUEUE_FULL');
    expect(open().sent).toEqual(['older']);
    expect(await outcome(older)).toBe('done: true');
  });
});

describe('drop', () => {
  test('a message is sent now or not at all', () => {
    const { queue, open } = setup();
    const drop = (message) => queue.send(message, { mode: 'drop' });
    expect(drop('before')).toBe(false);
    const wire = open();
    expect(drop('open')).toBe(true);
    wire.bufferedAmount = 101;
    expect(drop('congested')).toBe(false);
    wire.bufferedAmount = Infinity;
    expect(drop('closing')).toBe(false);
    queue.lost();
    expect(drop('lost')).toBe(false);
    expect(wire.sent).toEqual(['open']);
    expect(queue.pending()).toEqual([]);
  });

  test('it does not overtake what waits', async () => {
    const { clock, queue, open } = setup();
    const wire = open();
    wire.bufferedAmount = 101;
    void queue.send('waits');
    wire.bufferedAmount = 0;
    expect(queue.send('dropped', { mode: 'drop' })).toBe(false);
    await clock.advance(100);
    expect(queue.send('sent', { mode: 'drop' })).toBe(true);
    expect(wire.short).toEqual(['1:"waits"', 'sent']);
  });
});

describe('a congested socket', () => {
  test('is looked at only while something waits', async () => {
    const { clock, queue, open } = setup();
    const wire = open();
    expect(clock.size).toBe(0);
    wire.bufferedAmount = 101;
    void queue.send('a');
    void queue.send('b');
    expect(clock.size).toBe(1);
    await clock.advance(1_000);
    expect(wire.sent).toEqual([]);
    expect(clock.size).toBe(1);
    wire.bufferedAmount = 100;
    await clock.advance(20);
    expect(wire.short).toEqual(['1:"a"', '2:"b"']);
    expect(clock.size).toBe(0);
  });

  test('that is lost is looked at no more', async () => {
    const { clock, queue, open } = setup();
    open().bufferedAmount = 101;
    void queue.send('a');
    queue.lost();
    expect(clock.size).toBe(0);
    expect(open().short).toEqual(['1:"a"']);
  });
});

describe('bounds', () => {
  test('count what waits and what is not acknowledged', async () => {
    const { queue, open } = setup();
    open();
    for (let at = 0; at < 3; at += 1) void queue.send('sent');
    queue.lost();
    for (let at = 0; at < 2; at += 1) void queue.send('waits');
    await expect(queue.send('one more')).rejects.toMatchObject({
      code: 'QUEUE_FULL',
      message: expect.stringContaining('5 messages'),
    });
    open(1);
    expect(await outcome(queue.send('there is room again'))).toBe('waits');
  });

  test('count bytes of UTF-8', async () => {
    // The envelopes count, too: 64 bytes each.
    const { queue } = setup({ maxQueuedBytes: 1_128 });
    void queue.send('é'.repeat(400));
    expect(await outcome(queue.send('é'.repeat(98)))).toBe('waits');
    await expect(queue.send('x')).rejects.toThrow('5 messages or 1128 bytes');
    queue.clear();
    expect(await outcome(queue.send('x'.repeat(1_062)))).toBe('waits');
    const [entry] = queue.pending();
    const envelope = {
      type: 'reliable',
      data: { n: Number.MAX_SAFE_INTEGER, message: entry.message },
    };
    expect(JSON.stringify(envelope).length).toBeLessThanOrEqual(1_128);
  });
});

describe('the end of the waiting', () => {
  test('clear() says of what was sent that its outcome is unknown', async () => {
    const { queue, open } = setup();
    open();
    const sent = queue.send('sent');
    queue.lost();
    const waits = queue.send('waits', { mode: 'latest' });
    queue.clear();
    expect(await outcome(sent)).toBe('failed: OUTCOME_UNKNOWN');
    expect(await outcome(waits)).toBe('failed: CLEARED');
    expect(open(0).sent).toEqual([]);
  });

  test('after the end of the client nothing waits', async () => {
    const { clock, queue, open } = setup();
    open().bufferedAmount = 101;
    const waits = queue.send('waits');
    queue.end('the token was rotated');
    await expect(waits).rejects.toMatchObject({ code: 'CLOSED', message: 'the token was rotated' });
    expect(await outcome(queue.send('late'))).toBe('failed: CLOSED');
    expect(queue.send('late', { mode: 'drop' })).toBe(false);
    expect(clock.size).toBe(0);
  });

  test('a signal takes a message out', async () => {
    const { queue, open } = setup();
    const controller = new AbortController();
    const reason = new Error('enough');
    const waits = queue.send('waits', { signal: controller.signal });
    const stays = queue.send('stays');
    controller.abort(reason);
    await expect(waits).rejects.toBe(reason);
    await expect(queue.send('late', { signal: controller.signal })).rejects.toBe(reason);
    const wire = open();
    await expect(queue.send('late', { mode: 'latest', signal: controller.signal })).rejects.toBe(
      reason,
    );
    expect(queue.send('late', { mode: 'drop', signal: controller.signal })).toBe(false);
    expect(wire.short).toEqual(['2:"stays"']);
    queue.acknowledge({ n: 2 });
    await stays;
  });

  test('a signal is forgotten with its message', async () => {
    const { queue, open } = setup();
    open();
    const { signal } = new AbortController();
    const removed = jest.spyOn(signal, 'removeEventListener');
    const done = queue.send('a', { signal });
    queue.acknowledge({ n: 1 });
    await done;
    expect(removed).toHaveBeenCalledTimes(1);
  });

  test('a result that nobody looks at is no unhandled rejection', async () => {
    const seen = [];
    const listener = (error) => seen.push(error);
    process.on('unhandledRejection', listener);
    const { queue } = setup();
    void queue.send('a');
    queue.end('over');
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off('unhandledRejection', listener);
    expect(seen).toEqual([]);
  });
});

test('what cannot be sent is a mistake of the caller', () => {
  const { queue, open } = setup();
  open();
  // Of another realm than that of the test, so only its name is compared.
  const mistake = expect.objectContaining({ name: 'TypeError' });
  expect(() => queue.send(undefined)).toThrow(mistake);
  expect(() => queue.send(() => {})).toThrow(mistake);
  expect(() => queue.send('a', { mode: 'reliably' })).toThrow('one of reliable,latest,drop');
  expect(queue.pending()).toEqual([]);
});
