// Order and completeness: a million events from four native threads, and more from the callback itself.
'use strict';

const { loopwire, native } = require('../support/harness.cjs');
const { Peer, connect, urls } = require('../support/channel/peer.cjs');
const { Sums } = require('../support/channel/sums.cjs');

const THREADS = 4;
const EACH = 250_000;
// The callback answers every fourth event of the threads: it counts as a fifth source.
const ECHO = THREADS;
const ECHOES = (THREADS * EACH) / 4;
const TOTAL = THREADS * EACH + ECHOES;
const RECONNECTS = 100;

afterEach(() => loopwire.shutdown());

/** A listener whose callback sums up and re-enters `emit`. */
function listen(configuration) {
  if (configuration) loopwire.configure(configuration);
  const sums = new Sums(THREADS + 1);
  const { promise: done, resolve } = withResolvers();
  let heard = 0;
  let answered = 0;
  const token = loopwire.generateToken();
  const listener = loopwire.startEventListener(0, token, (data) => {
    if (sums.add(data).thread !== ECHO && (heard += 1) % 4 === 0) {
      loopwire.emit('harness', `${ECHO}:${answered}:`);
      answered += 1;
    }
    if (sums.count === TOTAL) resolve();
  });
  return { listener, token, sums, done };
}

function withResolvers() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}

/** A v1 client that hangs up `RECONNECTS` times in the middle of things and resumes each time. */
class Resuming {
  sums = new Sums(THREADS + 1);
  reconnects = 0;
  gaps = [];
  #seq = 0;
  #epoch;
  #next = TOTAL / (RECONNECTS + 1);

  constructor(port, token) {
    this.done = new Promise((resolve) => (this.finish = resolve));
    this.open = (flags) => {
      const peer = new Peer(urls.v1(port, token, flags));
      peer.each((data) => this.#take(peer, data));
      return peer.opened;
    };
  }

  #take(peer, data) {
    if (data.latin1Slice(0, 17) !== '{"type":"harness"') {
      const { type, data: detail } = JSON.parse(data.toString());
      if (type === 'hello') this.#epoch = detail.epoch;
      if (type === 'gap') this.gaps.push(detail);
      return;
    }
    const seq = Number(data.latin1Slice(data.lastIndexOf(':') + 1, data.length - 1));
    if (seq <= this.#seq) this.sums.wrong ??= `number ${seq} after ${this.#seq}`;
    this.#seq = seq;
    this.sums.add(data);
    if (this.sums.count === TOTAL) {
      this.finish();
    } else if (this.sums.count >= this.#next) {
      this.#next += TOTAL / (RECONNECTS + 1);
      this.reconnects += 1;
      // What is still in its buffers is thrown away: it must come again.
      peer.each(() => {}).terminate();
      this.open(`epoch=${this.#epoch}&since=${seq}`);
    }
  }
}

test('the callback gets each event once and in order, with the journal as small as it is', async () => {
  const { sums, done } = listen();
  const published = native.harness.publish({ threads: THREADS, count: EACH });
  await Promise.all([published, done]);
  expect(sums.result).toMatchObject({
    wrong: null,
    count: TOTAL,
    next: [EACH, EACH, EACH, EACH, ECHOES],
  });
}, 60_000);

test('callback, plain client and a client that resumes 100 times see the same', async () => {
  // Nothing is overtaken: the journal holds them all.
  const { listener, token, sums, done } = listen({
    journalBytes: 1 << 30,
    journalEvents: 4_000_000,
  });
  const plain = new Sums(THREADS + 1);
  const { promise: plainDone, resolve } = withResolvers();
  const peer = await connect(urls.sdk(listener.port, token));
  peer.each((data) => plain.add(data).count === TOTAL && resolve());
  const resuming = new Resuming(listener.port, token);
  await resuming.open();

  const published = native.harness.publish({ threads: THREADS, count: EACH });
  await Promise.all([published, done, plainDone, resuming.done]);
  const expected = { wrong: null, count: TOTAL, next: [EACH, EACH, EACH, EACH, ECHOES] };
  expect(sums.result).toMatchObject(expected);
  expect(plain.result).toEqual(sums.result);
  expect(resuming.sums.result).toEqual(sums.result);
  expect(resuming).toMatchObject({ reconnects: RECONNECTS, gaps: [] });
}, 120_000);
