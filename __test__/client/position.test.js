/**
 * Resume: what a client asks for when it returns, what it drops, and the gaps that it finds itself.
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const { Position } = requireModule('position.js');

const hello = (seq, epoch = 'e1') => ({ type: 'hello', data: { epoch, seq } });
const event = (seq, more = {}) => ({ type: 'app:event', ...more, seq });
const changed = (path, seq) => ({ type: 'file:changed', data: { path }, seq });
const summary = (seq) => ({ type: 'file:summary', data: { changed: 1 }, seq });
const resumed = (from, to) => ({ type: 'resumed', data: { from, to } });
const gap = (from, to, reason) => ({ type: 'gap', data: { from, to, reason } });

/** One connection with these messages; gives what is delivered. */
function connection(position, ...messages) {
  const flags = position.begin();
  const delivered = messages.flatMap((one) => position.take(one, JSON.stringify(one)));
  return { flags, delivered };
}

/** A position that has seen the events up to 10 of the epoch e1. */
function at10() {
  const position = new Position();
  connection(position, hello(9), event(10));
  return position;
}

test('a client that has seen nothing asks for nothing, and starts at the head', () => {
  const position = new Position();
  expect(position.value).toBeNull();
  expect(connection(position, hello(7)).flags).toEqual({});
  expect(position.value).toEqual({ epoch: 'e1', seq: 7 });
  // A connection without an event is no reason to lose the place.
  expect(connection(position, hello(8), resumed(8, 8), event(8))).toEqual({
    flags: { epoch: 'e1', since: 7 },
    delivered: [hello(8), resumed(8, 8), event(8)],
  });
});

test('a connection that ended before it was answered changes nothing', () => {
  const position = at10();
  connection(position);
  connection(position, hello(20));
  expect(connection(position, hello(20), resumed(11, 20), event(11)).flags.since).toBe(10);
  expect(position.value).toEqual({ epoch: 'e1', seq: 11 });
});

test('numbers may skip', () => {
  const position = at10();
  const { delivered } = connection(position, hello(30), resumed(11, 30), event(15), event(30));
  expect(delivered).toHaveLength(4);
  expect(position.value.seq).toBe(30);
});

test('what was seen is dropped', () => {
  const { delivered } = connection(at10(), hello(12), resumed(11, 12), event(9), event(11));
  expect(delivered).toEqual([hello(12), resumed(11, 12), event(11)]);
});

test('messages that share a number all come', () => {
  const position = new Position();
  const both = [changed('a', 1), changed('b', 1)];
  expect(connection(position, hello(0), ...both).delivered).toEqual([hello(0), ...both]);
});

test('a connection that was cut between two messages of one number gets the second', () => {
  const position = new Position();
  connection(position, hello(0), changed('a', 1));
  expect(position.value.seq).toBe(1);
  const { flags, delivered } = connection(
    position,
    hello(2),
    resumed(1, 2),
    changed('a', 1),
    changed('b', 1),
    event(2),
  );
  expect(flags.since).toBe(0);
  expect(delivered).toEqual([hello(2), resumed(1, 2), changed('b', 1), event(2)]);
});

test('a number is asked for again only while more may belong to it', () => {
  const position = new Position();
  connection(position, hello(0), changed('a', 1), event(2));
  expect(position.begin()).toEqual({ epoch: 'e1', since: 2 });
  connection(position, hello(4), resumed(3, 4), changed('b', 4), summary(4));
  expect(position.begin()).toEqual({ epoch: 'e1', since: 4 });
});

test('a summary with the number of an event that was seen is no duplicate', () => {
  const position = at10();
  const { delivered } = connection(position, hello(10), resumed(11, 10), summary(8), summary(10));
  expect(delivered).toHaveLength(4);
  expect(position.value.seq).toBe(10);
});

test('a gap moves the place behind what is gone', () => {
  const position = at10();
  const lost = gap(11, 90, 'overflow');
  const { delivered } = connection(position, hello(99), lost, resumed(91, 99), event(91));
  expect(delivered).toEqual([hello(99), lost, resumed(91, 99), event(91)]);
  connection(position, hello(99), resumed(92, 99), event(99), gap(100, 200, 'overflow'));
  expect(position.value).toEqual({ epoch: 'e1', seq: 200 });
});

test('a gap that was told survives a connection that ends behind it', () => {
  const position = at10();
  connection(position, hello(99), gap(11, 90, 'overflow'));
  expect(position.begin()).toEqual({ epoch: 'e1', since: 90 });
});

test('numbers that do not exist yet are not taken for seen', () => {
  const position = new Position({ epoch: 'e1', seq: 100 });
  const ahead = gap(21, 100, 'ahead');
  const { delivered } = connection(position, hello(20), ahead, resumed(21, 20), event(21));
  expect(delivered).toEqual([hello(20), ahead, resumed(21, 20), event(21)]);
  expect(position.value.seq).toBe(21);
});

test('after a restart the gap also says where the former epoch was left', () => {
  const position = at10();
  const restart = gap(1, 4, 'restart');
  const { delivered } = connection(position, hello(6, 'e2'), restart, resumed(5, 6), event(5));
  expect(delivered[1]).toEqual({
    type: 'gap',
    data: { from: 1, to: 4, reason: 'restart', previous: { epoch: 'e1', seq: 10 } },
  });
  expect(delivered[3]).toEqual(event(5));
  expect(position.value).toEqual({ epoch: 'e2', seq: 5 });
});

test('a restart that has lost nothing of the new epoch is told as well', () => {
  const position = at10();
  connection(position, hello(0, 'e2'), gap(1, 0, 'restart'), resumed(1, 0));
  expect(position.value).toEqual({ epoch: 'e2', seq: 0 });
  expect(connection(position, hello(1, 'e2'), resumed(1, 1), event(1)).delivered).toHaveLength(3);
});

describe('a listener that does not answer the request to resume', () => {
  test('is taken at the word of its hello: what lies between is a gap', () => {
    const { delivered } = connection(at10(), hello(20), event(21));
    expect(delivered).toEqual([hello(20), gap(11, 20, 'unknown'), event(21)]);
  });

  test('gives no gap if nothing was missed', () => {
    expect(connection(at10(), hello(10), event(11)).delivered).toEqual([hello(10), event(11)]);
  });

  test('is found out when it was restarted, too', () => {
    const { delivered } = connection(at10(), hello(3, 'e2'), event(4));
    const previous = { epoch: 'e1', seq: 10 };
    expect(delivered[1].data).toEqual({ from: 1, to: 3, reason: 'restart', previous });
  });

  test('or says that it continues further ahead, without a gap', () => {
    const { delivered } = connection(at10(), hello(20), resumed(15, 20), event(15));
    expect(delivered).toEqual([hello(20), gap(11, 14, 'unknown'), resumed(15, 20), event(15)]);
  });
});

test('since 0 without an epoch asks for everything that is held', () => {
  const position = new Position({ seq: 0 });
  const { flags } = connection(position, hello(5), gap(1, 2, 'overflow'), resumed(3, 5), event(3));
  expect(flags).toEqual({ since: 0 });
  expect(position.value).toEqual({ epoch: 'e1', seq: 3 });
});

test('messages of the application that look like those of the channel change nothing', () => {
  const position = at10();
  const odd = [
    { type: 'gap' },
    { type: 'gap', data: 'text' },
    { type: 'resumed', data: null },
    { type: 'hello' },
    { type: 'app:reply', seq: 'eleven' },
  ];
  const { delivered } = connection(position, hello(10), resumed(11, 10), ...odd);
  expect(delivered.slice(2)).toEqual(odd);
  expect(position.value.seq).toBe(10);
});

test('of messages with one number no more are remembered than a listener sends', () => {
  const position = at10();
  const many = Array.from({ length: 1_001 }, (_, n) => changed(`file ${n}`, 11));
  connection(position, hello(11), resumed(11, 11), ...many);
  const { delivered } = connection(position, hello(11), resumed(11, 11), ...many);
  expect(delivered.slice(2)).toEqual(many.slice(1_000));
});
