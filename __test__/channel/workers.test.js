// Workers: each is an environment of its own; its end leaves nothing and does not affect others.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { Module, createRequire } = require('node:module');
const { addonPath, loopwire, native } = require('../support/harness.cjs');
const { needs, tool, when } = require('../support/needs.cjs');
const { run } = require('../support/process/child.cjs');
const { connect, urls } = require('../support/channel/peer.cjs');

const SOAK = Boolean(process.env.LOOPWIRE_SOAK);
const linux = when(process.platform === 'linux', 'Linux');
const TOKEN = loopwire.generateToken();

/** Has Workers started and ended in a process of its own. */
const workers = (count, mode, { atOnce = 1, node = undefined } = {}) =>
  run('channel/workers', {
    args: [String(count), mode, String(atOnce)],
    node,
    flags: ['--expose-gc'],
  });

/** 5 MB more than the same without the addon: three times the goal. */
const MEGABYTES = 15;

function expectNothingLeft({ codes, threads, descriptors, megabytes }, bare, code = 1) {
  expect({ codes, threads, descriptors }).toEqual({ codes: [code], threads: 0, descriptors: 0 });
  expect(megabytes - Math.max(0, bare.megabytes)).toBeLessThan(MEGABYTES);
}

linux.describe('Workers under load', () => {
  let bare;
  beforeAll(async () => (bare = await workers(30, 'bare')), 120_000);

  test('are terminated without a trace', async () => {
    expectNothingLeft(await workers(SOAK ? 300 : 60, 'loopwire'), bare);
  }, 300_000);

  test('are terminated two at once without a trace', async () => {
    expectNothingLeft(await workers(SOAK ? 300 : 30, 'loopwire', { atOnce: 2 }), bare);
  }, 300_000);

  test('exit by themselves with the listener open', async () => {
    expectNothingLeft(await workers(SOAK ? 300 : 20, 'exit'), bare, 3);
  }, 300_000);

  test.each(['throw', 'close', 'shutdown'])(
    'end by or during %s',
    async (mode) => expectNothingLeft(await workers(SOAK ? 300 : 20, mode), bare),
    300_000,
  );
});

needs('node22').test(
  'Workers are terminated without a trace in Node 22',
  async () => {
    const node = tool('node22');
    const bare = await workers(20, 'bare', { node });
    expectNothingLeft(await workers(SOAK ? 300 : 30, 'loopwire', { node }), bare);
  },
  300_000,
);

/** The package again, from the same files and the same addon, in a vm context: another environment. */
function load() {
  const root = path.resolve(__dirname, '..', '..');
  const real = createRequire(path.join(root, 'index.js'));
  const cache = new Map();
  // The loader takes its `require` from here.
  const ours = {
    createRequire: (file) =>
      Object.assign(requireFrom(path.dirname(file)), { resolve: real.resolve }),
  };
  const getBuiltinModule = (name) => (name === 'node:module' ? ours : real(name));
  const own = Object.create(process, { getBuiltinModule: { value: getBuiltinModule } });
  const context = vm.createContext({
    process: own,
    Buffer,
    performance,
    setTimeout,
    Uint32Array,
  });
  const requireFrom = (dir) => (name) => {
    if (!name.startsWith('.') && !path.isAbsolute(name)) return real(name);
    const file = path.resolve(dir, name);
    if (file.endsWith('.node') || name === addonPath) {
      const module = new Module(file);
      process.dlopen(module, file);
      return module.exports;
    }
    if (!cache.has(file)) {
      const module = { exports: {} };
      cache.set(file, module);
      const source = `(function (exports, require, module, __filename, __dirname) {${fs.readFileSync(file, 'utf8')}\n})`;
      const dirname = path.dirname(file);
      vm.runInContext(source, context)(module.exports, requireFrom(dirname), module, file, dirname);
    }
    return cache.get(file).exports;
  };
  const requireRoot = requireFrom(root);
  return { loopwire: requireRoot('./index.js'), native: requireRoot('./binding.js') };
}

describe('the addon loaded twice in one thread', () => {
  afterEach(() => loopwire.shutdown());

  test('is two environments', async () => {
    const other = load();
    expect(other.loopwire).not.toBe(loopwire);
    const heard = { ours: [], others: [] };
    let heardAll;
    const all = new Promise((resolve) => (heardAll = resolve));
    const ours = loopwire.startEventListener(0, TOKEN, (data) => {
      if (heard.ours.push(data.toString()) === 1_006) heardAll();
    });
    const others = other.loopwire.startEventListener(0, TOKEN, (data) =>
      heard.others.push(data.toString()),
    );
    expect(others.stats().epoch).not.toBe(ours.stats().epoch);
    const peers = [
      await connect(urls.v1(ours.port, TOKEN)),
      await connect(urls.v1(others.port, TOKEN)),
    ];
    loopwire.emit('my:ours', 'x');
    other.loopwire.emit('my:others', 'x');
    // A thread of the one environment must not reach the other's callback.
    await Promise.all([
      native.harness.publish({ threads: 1, count: 5 }),
      other.native.harness.publish({ threads: 1, count: 7 }),
    ]);
    expect(await peers[0].next('my:ours')).toMatchObject({ seq: 1 });
    expect(await peers[1].next('my:others')).toMatchObject({ seq: 1 });

    // The end of the one is not the other's.
    await other.loopwire.shutdown();
    expect(await peers[1].closed).toMatchObject({ code: 1001 });
    const more = native.harness.publish({ threads: 1, count: 1_000 });
    await Promise.all([more, all, peers[0].next(({ seq }) => seq === 1_006)]);
    expect(heard.ours).toHaveLength(1_006);
    expect(heard.others.length).toBeLessThanOrEqual(8);
    expect(heard.others.every((event) => !event.includes('my:ours'))).toBe(true);
    expect(() => loopwire.configure({ journalBytes: 1 << 20 })).toThrow('in use');
    other.loopwire.configure({ journalBytes: 1 << 20 });
  });
});
