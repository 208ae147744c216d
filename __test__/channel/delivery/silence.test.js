// Silent mode: changes of files are muted, nothing else is, and one summary says how many (PROTOCOL section 6). The events are
// the application's here; they have the form that the workspace gives them.
'use strict';

const loopwire = require('../../..');
const fixtures = require('../../../fixtures/silence.json');
const { connect, listeners, request, tokenOf } = require('../../support/channel/client.cjs');

const start = listeners(loopwire);
const { emit } = loopwire;

const change = (path) => emit('file:changed', { path, changeType: 'modified' });

/** Begins or ends the silence of the listener. */
const setSilent = (listener, silent) =>
  request(listener, 'POST', '/ws/connect', {
    token: tokenOf(listener),
    headers: silent ? { 'x-notify-type': 'silent' } : {},
  });

const rows = async (listener) => {
  const answer = await request(listener, 'GET', '/ws/connections', { token: tokenOf(listener) });
  return JSON.parse(answer.text).connections.map(({ silent }) => silent);
};

/** A change is its path, a summary its count, any other message its type. */
function word(text) {
  const { type, data } = JSON.parse(text);
  if (type === 'file:changed') return data.path;
  return type === 'file:summary' ? `${data.changed} held back` : type;
}

const words = async (inbox, count) => (await inbox.take(count)).map(word);

test.each(fixtures)('$name', async ({ flags, hear }) => {
  const listener = start();
  const client = await connect(listener, { form: 'query', flags });
  if (flags) await client.next();
  change('before');
  await client.next();
  await setSilent(listener, true);
  for (const path of ['a', 'b', 'c']) change(path);
  await setSilent(listener, false);
  const stamp = /"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g;
  const heard = (await client.next()).replace(stamp, '"2025-10-16T12:00:00.000Z"');
  expect(heard).toBe(JSON.stringify(hear));
});

test('X-Notify-Type: silent mutes changes for all clients, and never the callback', async () => {
  const listener = start();
  const first = await connect(listener, { form: 'query' });
  change('before');
  await setSilent(listener, true);
  change('inside');
  const second = await connect(listener, { form: 'bearer' });
  expect(await rows(listener)).toEqual([true, true]);
  emit('file:overflow', { root: '/' });
  change('inside');
  emit('my:event');
  await setSilent(listener, false);
  change('after');
  expect(await words(first, 5)).toEqual([
    'before',
    'file:overflow',
    'my:event',
    '2 held back',
    'after',
  ]);
  expect(await words(second, 4)).toEqual(['file:overflow', 'my:event', '1 held back', 'after']);
  expect(await words(listener.events, 6)).toEqual([
    'before',
    'inside',
    'file:overflow',
    'inside',
    'my:event',
    'after',
  ]);
  expect(await rows(listener)).toEqual([false, false]);
});

test('silent=true mutes one client for its life, and is summed up when the listener closes it', async () => {
  const listener = start();
  const muted = await connect(listener, { form: 'query', flags: 'silent=true' });
  const other = await connect(listener, { form: 'query' });
  expect(await rows(listener)).toEqual([true, false]);
  change('one');
  change('two');
  emit('my:event');
  expect(await words(other, 3)).toEqual(['one', 'two', 'my:event']);
  expect(await words(muted, 1)).toEqual(['my:event']);
  const [{ id }] = listener.connections();
  listener.disconnect(id);
  expect(await words(muted, 1)).toEqual(['2 held back']);
  expect(await muted.closed).toMatchObject({ code: 4001 });
});

test('a client of the SDK, which gets no changes, gets no summary', async () => {
  const listener = start();
  const client = await connect(listener);
  await setSilent(listener, true);
  change('inside');
  await setSilent(listener, false);
  emit('my:event');
  expect(await words(client, 1)).toEqual(['my:event']);
});
