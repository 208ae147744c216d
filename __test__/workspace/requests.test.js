// The commands in `fixtures/requests.json` are what the server reads: each example is understood, and each key of it is
// looked at, is needed if no example goes without it, and has its kind.
'use strict';

const loopwire = require('../..');
const requests = require('../../fixtures/requests.json');
const { connect, listeners } = require('../support/channel/client.cjs');
const { place } = require('../support/git/place.cjs');
const { when } = require('../support/needs.cjs');
const { kindOf } = require('../../scripts/types/shape.cjs');

const start = listeners(loopwire);

const commands = requests.map(({ command }) => command).filter(({ type }) => type.includes(':'));
const types = [...new Set(commands.map(({ type }) => type))];

/** The examples of a type that have data. */
const dataOf = (type) =>
  commands.filter((one) => one.type === type && one.data).map(({ data }) => data);

/** Nothing looks at the first; without the second, the answer is that there is no such operation. */
const UNREAD = new Set(['terminal:ack offset', 'git:credentials id']);

/** What each key of a type is, and whether every example has it. */
function keysOf(type) {
  const all = dataOf(type);
  const names = new Set(all.flatMap(Object.keys));
  const without = commands.some((one) => one.type === type && !one.data);
  return [...names]
    .filter((name) => !UNREAD.has(`${type} ${name}`))
    .map((name) => ({
      name,
      needed: !without && all.every((data) => name in data),
      sample: all.find((data) => name in data),
    }));
}

/** A value that no key of that kind may have. */
const wrong = (value) => (kindOf(value) === 'object' ? 'text' : { wrong: true });

let count = 0;

/** Whether the form of a command is refused, in the words of the refusal. */
async function refusal(client, type, data) {
  const message = { type };
  if (data) message.data = data;
  client.send(message);
  for (const text of await client.settle()) {
    if (typeof text !== 'string') continue;
    const { type: kind, data: about } = JSON.parse(text);
    if (kind === 'error' && ['BAD_MESSAGE', 'UNKNOWN_TYPE'].includes(about.code))
      return about.message;
  }
  return null;
}

/** Data whose id nothing else has. */
function fresh(data) {
  if (!data || !('id' in data)) return data;
  count += 1;
  return { ...data, id: typeof data.id === 'number' ? count : `request-${count}` };
}

// A reply to a wrong form comes at once, so that it is there before the answer to the next ping.
when(process.platform !== 'win32', 'a shell').describe.each(types)('%s', (type) => {
  let client;
  beforeEach(async () => {
    const { root, home, env } = place();
    const listener = start();
    // Nothing is fetched: the addresses of the examples are refused for what they are.
    const options = { env, snapshotDir: home, watch: 'onDemand', gitProtocols: ['file'] };
    loopwire.openWorkspace(root, options);
    client = await connect(listener, { form: 'query', flags: 'binary=true' });
  });

  test('is understood as it stands', async () => {
    for (const one of commands.filter((command) => command.type === type))
      expect([one, await refusal(client, type, fresh(one.data))]).toEqual([one, null]);
  });

  test('is refused with a key of another kind, and without one that is needed', async () => {
    const taken = [];
    for (const { name, needed, sample } of keysOf(type)) {
      const changed = { ...fresh(sample), [name]: wrong(sample[name]) };
      // An id of another kind is none, which only matters where one is needed.
      const read = name !== 'id' || needed;
      if (read && (await refusal(client, type, changed)) === null)
        taken.push(`${name} of another kind`);
      const { [name]: _, ...less } = fresh(sample);
      const refused = await refusal(client, type, less);
      if (needed && refused === null) taken.push(`nothing in the place of ${name}`);
    }
    expect(taken).toEqual([]);
  });
});
