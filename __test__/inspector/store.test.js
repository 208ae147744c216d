// How the inspector keeps events and finds them again, without a browser.
'use strict';

const { source } = require('../support/inspector/source.cjs');

const { EventStore } = source('events/store.js');
const { Matches } = source('events/matches.js');
const { summary } = source('events/row.js');
const { EventsModel } = source('events/model.js');
const { takeToken } = source('shell/token.js');
const { Rates } = source('overview/rates.js');
const { readMetrics } = source('overview/metrics.js');

const event = (seq, more = {}) => ({
  type: `kind:${seq % 3}`,
  data: { seq, text: `event number ${seq}` },
  timestamp: new Date(1_700_000_000_000 + seq).toISOString(),
  seq,
  ...more,
});

function filled(count, options) {
  const store = new EventStore(options);
  for (let seq = 1; seq <= count; seq += 1) store.push(event(seq), 5);
  return store;
}

function found(store, filter) {
  const matches = new Matches(store, filter);
  while (matches.behind > 0) matches.step(() => 0);
  return Array.from({ length: matches.length }, (_, index) => store.message(matches.at(index)).seq);
}

describe('the store', () => {
  test('gives every event back as it came', () => {
    const store = new EventStore();
    const events = [
      event(1),
      { type: 'bare', seq: 2 },
      { type: 'text', payload: 'line\nbreak "quotes" \u0130 €', seq: 3 },
      { type: 'odd', timestamp: 'yesterday', seq: 4 },
      { type: 'odd', timestamp: '2026-01-01T00:00:00Z', seq: 5 },
      { type: 'more', data: null, extra: [1, { a: 1 }], timestamp: event(6).timestamp, seq: 6 },
      { type: 'gap', data: { from: 1, to: 2, reason: 'overflow' } },
      { type: 'named', data: { type: 'x', timestamp: 'y', seq: 'z' }, seq: 7 },
      { type: 'quoted "type":', payload: '"timestamp":', timestamp: event(8).timestamp, seq: 8 },
      JSON.parse('{"type":"__proto__","data":{"__proto__":1},"__proto__":{"a":1},"seq":9}'),
    ];
    for (const one of events) store.push(one, 5);
    for (let count = 0; count < 3000; count += 1) store.push(event(count), 5);
    for (const [place, one] of events.entries()) {
      expect(store.message(place)).toEqual(one);
      expect(JSON.parse(store.line(place))).toEqual(one);
    }
  });

  test('keeps what follows an event that is nested too deep to be written', () => {
    const store = new EventStore();
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    store.push({ type: 'deep', data: deep, seq: 1 }, 5);
    store.push(event(2), 5);
    expect(store.message(0)).toEqual({
      type: 'deep',
      payload: expect.stringContaining('too deep'),
      seq: 1,
    });
    expect(store.message(1)).toEqual(event(2));
  });

  test('has a bound for the names of types', () => {
    const store = new EventStore();
    for (let seq = 1; seq <= 10_000; seq += 1) store.push({ type: `type-${seq}`, seq }, 5);
    expect(store.types.length).toBeLessThanOrEqual(4096);
    expect(store.message(9_999)).toEqual({ type: 'type-10000', seq: 10_000 });
  });

  test('drops the oldest beyond the number that it keeps', () => {
    const store = filled(20_000, { maxEvents: 5000 });
    expect(store.length).toBeLessThanOrEqual(5000 + 1024);
    expect(store.end).toBe(20_000);
    expect(store.at(store.first - 1)).toBeUndefined();
    expect(store.message(store.first).seq).toBe(store.first + 1);
  });

  test('drops the oldest beyond the bytes that it keeps', () => {
    const store = new EventStore({ maxBytes: 4 * 1024 * 1024 });
    for (let seq = 1; seq <= 200; seq += 1)
      store.push(event(seq, { payload: 'x'.repeat(100_000) }), 5);
    expect(store.bytes).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(store.length).toBeLessThan(100);
    expect(store.message(199).seq).toBe(200);
  });

  test('goes on with its places after it was cleared', () => {
    const store = filled(10);
    store.clear();
    expect([store.length, store.first]).toEqual([0, 10]);
    store.push(event(11), 5);
    expect(store.message(10)).toEqual(event(11));
  });
});

describe('the filter', () => {
  test.each([0, 5000])('finds by text and type, with %i events behind', (before) => {
    const store = new EventStore();
    store.push({ type: 'a', payload: 'Needle', seq: 1 }, 5);
    store.push({ type: 'b', payload: 'the needle"s eye', seq: 2 }, 5);
    store.push({ type: 'needle:type', data: {}, seq: 3 }, 5);
    store.push({ type: 'a', payload: 'İneedle', seq: 4 }, 5);
    store.push({ type: 'a', payload: 'nee', seq: 5 }, 5);
    store.push({ type: 'a', payload: 'dle', seq: 6 }, 5);
    for (let count = 0; count < before; count += 1) store.push(event(1000 + count), 5);
    expect(found(store, { type: '', text: 'NEEDLE' })).toEqual([1, 2, 3, 4]);
    expect(found(store, { type: 'a', text: 'needle' })).toEqual([1, 4]);
    expect(found(store, { type: '', text: 'needle"s' })).toEqual([2]);
    expect(found(store, { type: '', text: '"}{"' })).toEqual([]);
    expect(found(store, { type: 'none', text: '' })).toEqual([]);
  });

  test('finds the same in sealed chunks as one by one', () => {
    const store = filled(6000);
    const plain = Array.from({ length: 6000 }, (_, index) => index + 1);
    expect(found(store, { type: '', text: '77' })).toEqual(
      plain.filter((seq) => JSON.stringify(event(seq).data).includes('77')),
    );
    expect(found(store, { type: 'kind:1', text: '' })).toEqual(
      plain.filter((seq) => seq % 3 === 1),
    );
  });

  test('forgets what the store has dropped, and goes on with what comes', () => {
    const store = filled(3000, { maxEvents: 3000 });
    const matches = new Matches(store, { type: 'kind:0', text: '' });
    while (matches.behind > 0) matches.step();
    for (let seq = 3001; seq <= 9000; seq += 1) store.push(event(seq), 5);
    while (matches.behind > 0) matches.step();
    expect(matches.at(0)).toBeGreaterThanOrEqual(store.first);
    expect(store.message(matches.at(matches.length - 1)).seq).toBe(9000);
    expect(matches.length).toBe(Math.round(store.length / 3));
    expect(matches.dropped).toBeGreaterThan(0);
  });
});

test('a gap passes each filter, as what is missing may have matched', () => {
  const store = filled(3);
  store.push({ type: 'gap', data: { from: 4, to: 5, reason: 'overflow' } }, 5);
  // The application's own, with a number.
  store.push({ type: 'gap', data: { from: 4, to: 5 }, seq: 6 }, 5);
  const matches = new Matches(store, { type: 'kind:1', text: 'number 1' });
  while (matches.behind > 0) matches.step();
  expect(Array.from({ length: matches.length }, (_, index) => matches.at(index))).toEqual([0, 3]);
});

test('a list that was paused for long is empty when its events are dropped, and goes on', () => {
  const store = new EventStore({ maxEvents: 3000 });
  const model = new EventsModel(store);
  for (let seq = 1; seq <= 1000; seq += 1) store.push(event(seq), 5);
  model.togglePause();
  expect(model.length).toBe(1000);
  for (let seq = 1001; seq <= 9000; seq += 1) store.push(event(seq), 5);
  expect(model.length).toBe(0);
  model.togglePause();
  expect(model.length).toBe(store.length);
});

test('a row says what is missing, and shows a long event without parsing it', () => {
  const gap = { data: { from: 3, to: 7, reason: 'overflow' } };
  expect(summary({ type: 'gap', body: JSON.stringify(gap) })).toMatch(/^5 missing \(3–7\)/);
  expect(summary({ type: 'x', body: JSON.stringify({ payload: 'y'.repeat(9000) }) })).toHaveLength(
    400,
  );
});

test('the token leaves the address at once', () => {
  const location = { hash: '#token=abc', pathname: '/inspect', search: '?x=1' };
  const calls = [];
  const history = { state: null, replaceState: (...call) => calls.push(call) };
  expect(takeToken({ location, history })).toBe('abc');
  expect(calls).toEqual([[null, '', '/inspect?x=1']]);
  expect(takeToken({ location: { ...location, hash: '' }, history })).toBeUndefined();
});

test('events are counted by their second, and old ones leave the plot', () => {
  const rates = new Rates();
  for (const time of [10_000, 10_999, 11_000]) rates.count(time);
  expect([rates.at(10), rates.at(11), rates.at(12)]).toEqual([2, 1, 0]);
  rates.count(130_000);
  expect(rates.at(10)).toBe(0);
  rates.count(10_000, 130_000);
  expect(rates.at(130)).toBe(1);
  expect(rates.series(12_000)[1].slice(-2)).toEqual([0, 1]);
});

test('a clock that jumps, and times of the future, do not stop the plot', () => {
  const rates = new Rates();
  const now = 1_000_000_000;
  for (let second = 0; second < 120; second += 1) rates.count(now + 3_600_000 + second * 1000, now);
  rates.count(NaN, now);
  rates.count(now - 3_600_000, now);
  expect(rates.series(now + 1000)[1].reduce((sum, count) => sum + count)).toBe(0);
  for (let second = 0; second < 120; second += 1) rates.count(now + second * 1000);
  // The clock is set back by an hour.
  const back = now - 3_600_000;
  for (let second = 0; second < 10; second += 1) rates.count(back + second * 1000);
  expect(rates.series(back + 10_000)[1].slice(-10)).toEqual(Array(10).fill(1));
});

test('figures are read from the text of the listener', () => {
  const metrics = readMetrics(
    '# TYPE a gauge\na 3\nb_total{reason="host",x="\\""} 2\nbad\n# EOF\n',
  );
  expect(metrics.get('a')).toEqual([{ labels: {}, value: 3 }]);
  expect(metrics.get('b_total')).toEqual([{ labels: { reason: 'host', x: '\\"' }, value: 2 }]);
});
