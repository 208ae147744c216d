/**
 * The client against a model: whatever happens to its connection, what it has seen is what was published, or a gap says
 * exactly what is missing; and a reliable message has its effect once, in order.
 *
 * `LOOPWIRE_WALKS` is how many random walks there are, `LOOPWIRE_SEED` repeats one that failed.
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const WebSocket = require('ws');
const { once } = require('node:events');
const { setImmediate: turn } = require('node:timers/promises');
const loopwire = require('../..');
const { Cutter } = require('../support/client/cutter.cjs');
const { seeded } = require('../support/random.cjs');
const { until } = require('../support/until.cjs');

const { EventClient } = requireModule('index.js');

const WALKS = Number(process.env.LOOPWIRE_WALKS ?? 6);
const STEPS = 40;
/** So small that events are overwritten. */
const JOURNAL_EVENTS = 1_024;
/** As many events as surely overwrite others, and how many of them at a time: the callback must keep up. */
const MANY = 1_500;
const AT_A_TIME = 100;

loopwire.configure({ journalEvents: JOURNAL_EVENTS });

/** The application: what it has published in each epoch, and which messages it has got. */
class Application {
  /** Names of the epochs, in order; of each how many events it has. */
  epochs = [];
  published = [];
  effects = [];
  /** Messages that were on the way, or in the inbox, when the application was ended: acknowledged or not, they may be lost. */
  excused = new Set();
  /** How many messages had been sent when it was ended last: of those, the outcome may be unknown. */
  endedAt = 0;
  #token = loopwire.generateToken();
  #cutter;
  #listener;

  async start() {
    this.#cutter = await Cutter.before(0);
    await this.#listen();
  }

  get cutter() {
    return this.#cutter;
  }

  /** `sdk` is the form with a slot. */
  url(sdk) {
    const origin = `ws://127.0.0.1:${this.#cutter.port}`;
    return sdk ? `${origin}/ws/${this.#token}` : `${origin}/?token=${this.#token}`;
  }

  async #listen() {
    this.#listener = loopwire.startEventListener(0, this.#token, () => {}, {
      // The client names the port of the cutter.
      allowedHosts: [`127.0.0.1:${this.#cutter.port}`],
      onMessage: (data) => this.effects.push(JSON.parse(data.toString()).m),
    });
    this.#cutter.redirect(this.#listener.port);
    // Any connection is told the name of the epoch.
    const socket = await this.open(`/?token=${this.#token}&v=1`);
    this.epochs.push(socket.hello.epoch);
    this.published.push(0);
    socket.terminate();
  }

  /** Another connection, past the cutter; with what `hello` told. */
  async open(path = `/ws/${this.#token}?v=1`) {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#listener.port}${path}`);
    const [data] = await once(socket, 'message');
    socket.on('error', () => {});
    return Object.assign(socket, { hello: JSON.parse(data).data });
  }

  /** The events say themselves which number they have to have. */
  async emit(count) {
    const epoch = this.epochs.length - 1;
    for (let at = 0; at < count; at += 1) {
      this.published[epoch] += 1;
      loopwire.emit('walk', { epoch, seq: this.published[epoch] });
      if (at % AT_A_TIME === AT_A_TIME - 1) await turn();
    }
  }

  connections() {
    return this.#listener.connections();
  }

  /** A new runtime, epoch and listener. `sent` are the messages that were sent so far. */
  async restart(sent) {
    const done = new Set(this.effects);
    this.endedAt = sent;
    for (let m = 0; m < sent; m += 1) if (!done.has(m)) this.excused.add(m);
    await loopwire.shutdown();
    await this.#listen();
  }

  async end() {
    await this.#cutter.close();
    await loopwire.shutdown();
  }
}

/** What a client has seen, as it came. */
class Diary {
  /** Per name of an epoch: the numbers that were seen, and the gaps. */
  #epochs = new Map();
  first;

  constructor(client) {
    client.on('hello', ({ data }) => {
      this.first ??= data;
      this.#of(data.epoch);
    });
    client.on('event', (event) => this.#note(client.state.epoch, event));
  }

  #of(epoch) {
    if (!this.#epochs.has(epoch)) this.#epochs.set(epoch, { seen: [], missing: [] });
    return this.#epochs.get(epoch);
  }

  #note(epoch, { type, seq, data }) {
    if (type === 'walk') {
      expect(seq).toBe(data.seq);
      this.#of(epoch).seen.push(seq);
    } else if (type === 'gap') {
      if (data.reason === 'restart') {
        const { previous } = data;
        this.#of(previous.epoch).missing.push([previous.seq + 1, Infinity]);
      }
      this.#of(epoch).missing.push([data.from, data.to]);
    }
  }

  /** Nothing is missing that was not said to be, nothing came twice, and nothing came that was said to be missing. */
  check({ epochs, published }) {
    for (const [at, name] of epochs.entries()) {
      // An epoch in which the client never had a connection.
      if (!this.#epochs.has(name)) continue;
      const { seen, missing } = this.#epochs.get(name);
      const from = name === this.first.epoch ? this.first.seq + 1 : 1;
      const account = new Map();
      for (const seq of seen) account.set(seq, (account.get(seq) ?? 0) + 1);
      const isMissing = (seq) => missing.some(([first, last]) => first <= seq && seq <= last);
      const wrong = [];
      for (let seq = from; seq <= published[at]; seq += 1) {
        const times = account.get(seq) ?? 0;
        if (times + (isMissing(seq) ? 1 : 0) !== 1) wrong.push({ epoch: at, seq, times });
      }
      expect(wrong.slice(0, 5)).toEqual([]);
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      // No gap is told of what was never published.
      const known = ([, last]) => last === Infinity || last <= published[at];
      expect(missing.filter((gap) => !known(gap))).toEqual([]);
      expect(seen.filter((seq) => seq < from || seq > published[at])).toEqual([]);
    }
  }
}

/** Reliable messages, and what became of each. */
class Letters {
  #client;
  outcomes = [];

  constructor(client) {
    this.#client = client;
  }

  get sent() {
    return this.outcomes.length;
  }

  send(count, bytes) {
    for (let at = 0; at < count; at += 1) {
      const m = this.outcomes.push('waits') - 1;
      this.#client.send({ type: 'walk', m, text: 'x'.repeat(bytes) }).then(
        () => (this.outcomes[m] = 'done'),
        ({ code }) => (this.outcomes[m] = code),
      );
    }
  }

  check({ effects, excused, endedAt }) {
    // Once each, and in the order in which they were sent.
    expect(effects).toEqual([...new Set(effects)].toSorted((a, b) => a - b));
    const got = new Set(effects);
    const wrong = this.outcomes
      .map((outcome, m) => ({ m, outcome, got: got.has(m), excused: excused.has(m) }))
      .filter(({ m, outcome, got, excused }) =>
        outcome === 'done' ? !got && !excused : outcome !== 'OUTCOME_UNKNOWN' || m >= endedAt,
      );
    expect(wrong.slice(0, 5)).toEqual([]);
  }
}

/**
 * @param {() => number} random
 * @param {{only?: string[], count?: number, sdk?: boolean}} [kind] `only` are the steps in turn, instead of any; `count` is how
 *   many are taken, and `sdk` the form with a slot
 */
async function walk(random, { only, count = STEPS, sdk = random() < 0.5 } = {}) {
  const between = (from, to) => from + Math.floor(random() * (to - from + 1));
  const application = new Application();
  await application.start();
  const { cutter } = application;
  const client = new EventClient({
    url: application.url(sdk),
    WebSocket,
    baseDelayMs: 1,
    maxDelayMs: 5,
    connectTimeoutMs: 1_000,
    fetch: null,
  });
  const diary = new Diary(client);
  const letters = new Letters(client);
  const opened = () => until(() => client.state.name === 'open', 'the client is open');
  /** A new connection, however fast it comes. */
  const reconnect = async () => {
    const { connectionId } = client.state;
    cutter.cut();
    await until(
      () => client.state.name === 'open' && client.state.connectionId !== connectionId,
      'the client is open again',
    );
  };
  const steps = [
    ['emit', 6, () => application.emit(between(0, 60))],
    ['send', 6, () => letters.send(between(1, 20), between(0, 300))],
    ['cut', 3, () => cutter.cut()],
    ['cut in a message to the client', 3, () => cutter.cutAfter(between(1, 3_000))],
    ['cut in a message of the client', 3, () => cutter.cutAfterSent(between(1, 3_000))],
    ['wait', 3, opened],
    ['cut without an event between', 1, reconnect],
    [
      'overflow',
      1,
      async () => {
        cutter.refusing = true;
        cutter.cut();
        letters.send(between(0, 5), 10);
        await application.emit(MANY);
        cutter.refusing = false;
      },
    ],
    ['restart', 1, () => application.restart(letters.sent)],
    [
      'catch up',
      0,
      async () => {
        cutter.refusing = false;
        const { epochs, published } = application;
        await until(
          () => client.state.epoch === epochs.at(-1) && client.position.seq === published.at(-1),
          'the client has caught up',
        );
      },
    ],
    [
      'lose the answers',
      0,
      async () => {
        await opened();
        const before = application.effects.length;
        cutter.stallDown();
        letters.send(3, 10);
        await until(() => application.effects.length >= before + 3, 'the application has them');
        // Until it catches up.
        cutter.refusing = true;
        cutter.cut();
      },
    ],
    [
      'fifty reconnects in a row without an event',
      0,
      async () => {
        for (let at = 0; at < 50; at += 1) await reconnect();
      },
    ],
    [
      'fifty reconnects in a row',
      0.3,
      async () => {
        for (let at = 0; at < 50; at += 1) {
          await application.emit(between(0, 3));
          letters.send(between(0, 2), 10);
          await opened();
          await reconnect();
        }
      },
    ],
    [
      'standby',
      sdk ? 2 : 0,
      async () => {
        const other = await application.open();
        await application.emit(between(0, 30));
        other.close(1000);
        await once(other, 'close');
        await application.emit(between(0, 30));
      },
    ],
  ];
  const step = (name) => steps.find(([one]) => one === name)[2];
  const total = steps.reduce((sum, [, weight]) => sum + weight, 0);
  const choose = () => {
    let place = random() * total;
    return (steps.find(([, weight]) => (place -= weight) < 0) ?? steps[0])[0];
  };
  const log = [];
  try {
    await client.connect();
    for (let at = 0; at < count; at += 1) {
      const name = only ? only[at % only.length] : choose();
      log.push(name);
      await step(name)();
      if (random() < 0.5) await turn();
    }
    // All has come when the last event has, and all is sent when the last message is.
    await opened();
    if (!only || only.includes('emit')) await application.emit(1);
    const last = application.published.at(-1);
    await until(
      () => client.state.epoch === application.epochs.at(-1) && client.position.seq === last,
      'the client has caught up',
    );
    letters.send(1, 0);
    await until(() => !letters.outcomes.includes('waits'), 'all messages are settled');
    await until(
      () => application.effects.includes(letters.sent - 1),
      'the application has the last message',
    );
    diary.check(application);
    letters.check(application);
    expect(client.pending()).toEqual([]);
  } catch (error) {
    error.message += `\n${sdk ? 'sdk' : 'sandbox'}: ${log.join(', ')}`;
    throw error;
  } finally {
    await client.close();
    await application.end();
  }
}

// Each alone, so that a short run has every one of them; without events nothing must come, and no gap must be told that is none.
describe('what the client saw is what was published, after', () => {
  test.each([
    [
      'random drops',
      ['cut', 'emit', 'cut in a message to the client', 'send', 'cut in a message of the client'],
      60,
    ],
    ['restarts', ['restart'], 12],
    ['restarts behind answers that were lost', ['lose the answers', 'restart', 'catch up'], 40],
    ['overflows', ['overflow'], 9],
    ['overflows, each followed by a cut', ['overflow', 'catch up', 'cut'], 20],
    ['fifty reconnects in a row', ['fifty reconnects in a row'], 3],
  ])(
    '%s',
    (_, faults, count) =>
      seeded((random) => walk(random, { only: ['emit', 'send', ...faults], count }))(),
    60_000,
  );

  test.each([true, false])(
    'fifty reconnects and a restart without an event (with a slot: %s)',
    (sdk) => {
      const only = ['fifty reconnects in a row without an event', 'send', 'restart'];
      return seeded((random) => walk(random, { only, count: 5, sdk }))();
    },
    60_000,
  );
});

describe('after a random walk, what the client saw is what was published', () => {
  test.each(Array.from({ length: WALKS }, (_, at) => [at + 1]))(
    'walk %d',
    seeded((random) => walk(random)),
    60_000,
  );
});
