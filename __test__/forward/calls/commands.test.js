// The commands of the forward engine over a WebSocket: replies with the id, errors with a reason.
'use strict';

const { socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const { connect } = require('../../support/channel/client.cjs');
const {
  entry,
  forwarding,
  loopwire,
  serve,
  until,
} = require('../../support/forward/forwarding.cjs');

/** A port that is forwarded through `a`, with `b` to rotate to, and two clients that have heard all so far. */
async function ready() {
  const upstreams = [await serve(socksUpstream()), await serve(socksUpstream())];
  const list = ['a', 'b'].map((id, at) => entry(id, 'socks5', upstreams[at].port));
  const { start, listener } = await forwarding({ list });
  await loopwire.createWithId(start, 'a');
  // With all events to both, so that a reply that went to the other one would be seen.
  const asker = await connect(listener, { form: 'query' });
  const other = await connect(listener, { form: 'query' });
  const ask = async (type, data) => {
    asker.send({ type, data });
    const answers = (text) => data.id === JSON.parse(text).data?.id;
    return JSON.parse((await asker.until(answers)).at(-1));
  };
  return { ask, other, port: start, upstreams };
}

/** What the other client has heard that is a reply or an error. */
async function overheard(client) {
  const all = (await client.settle()).map((text) => JSON.parse(text));
  return all.filter(({ type }) => type.startsWith('port:') || type === 'error');
}

test('port:list answers only the client that asked', async () => {
  const { ask, other, port, upstreams } = await ready();
  const { data } = await ask('port:list', { id: 'mine' });
  expect(data.id).toBe('mine');
  expect(data.ports).toEqual([
    expect.objectContaining({
      port,
      address: `127.0.0.1:${port}`,
      proxyId: 'a',
      online: true,
      upstream: `socks5://127.0.0.1:${upstreams[0].port}`,
    }),
  ]);
  expect(await overheard(other)).toEqual([]);
});

test('port:rotate takes the next proxy and answers when it serves', async () => {
  const { ask, other, port, upstreams } = await ready();
  const { data } = await ask('port:rotate', { id: 7, port });
  expect(data).toMatchObject({
    id: 7,
    port,
    proxyId: 'b',
    upstream: `socks5://127.0.0.1:${upstreams[1].port}`,
  });
  expect(loopwire.ports()[0].proxyId).toBe('b');
  expect(await overheard(other)).toEqual([]);
});

test('port:remove removes a port, and tells whether it was forwarded', async () => {
  const { ask, other, port } = await ready();
  expect((await ask('port:remove', { id: 'x', port })).data).toEqual({
    id: 'x',
    port,
    removed: true,
  });
  await until(() => loopwire.isRunningPort(port) === 0, 'the end of the port');
  const again = await ask('port:remove', { id: 'y', port });
  expect(again.data).toEqual({ id: 'y', port, removed: false });
  expect(await overheard(other)).toEqual([]);
});

test.each([
  ['port:rotate', (port) => ({ port: port + 1 }), 'NOT_FORWARDED'],
  ['port:rotate', () => ({ port: 0 }), 'BAD_MESSAGE'],
  ['port:remove', () => ({ port: '1' }), 'BAD_MESSAGE'],
  ['port:nothing', () => ({}), 'UNKNOWN_TYPE'],
])('%s that cannot be done: an error with the id for the asker alone (%#)', async (...row) => {
  const [command, data, code] = row;
  const { ask, other, port } = await ready();
  const answer = await ask(command, { id: 'mine', ...data(port) });
  expect(answer).toMatchObject({
    type: 'error',
    data: { code, id: 'mine', command, message: expect.any(String) },
  });
  expect(loopwire.isRunningPort(port)).toBe(1);
  expect(await overheard(other)).toEqual([]);
});
