// An application with a listener in a process of its own, so that it can be started anew: another run has another epoch.
//
//   const application = await Application.start(token, { port, ...options });
//   await application.emit(['my:event', 'text'], …);
//   const flow = application.stream(5000)    events a second, until …
//   await application.endStream()
//   await flow                               how many they were
'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');

const TYPES = ['portStateUpdate', 'file:changed', 'terminal:exit', 'git:progress', 'my:metric'];
/** Events come in bursts, as timers are not finer. */
const TICK_MS = 10;
/** As many as a page takes at a time without a gap, on a machine that does other things, too. */
const FILL_BURST = 100;

class Application {
  /** The listener's. */
  port;
  #child;
  #calls = 0;

  /**
   * @param {string} token
   * @param {any} [options] of the listener, and its `port` (any by default); `workspace` has the options of `openWorkspace`, and its `root`
   */
  static async start(token, options = {}) {
    const application = new Application();
    application.#child = fork(__filename, [JSON.stringify({ token, options })], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [{ port }] = await once(application.#child, 'message');
    application.port = port;
    return application;
  }

  emit(...events) {
    return this.#call({ emit: events });
  }

  /** @param {number} perSecond */
  stream(perSecond) {
    return this.#call({ stream: perSecond });
  }

  endStream() {
    return this.#call({ endStream: true });
  }

  /** Publishes so many as fast as the page's connection takes them, without a gap. @param {number} count */
  fill(count) {
    return this.#call({ fill: count });
  }

  rotate(token) {
    return this.#call({ rotate: token });
  }

  async stop() {
    if (this.#child.exitCode !== null) return;
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }

  #call(message) {
    const id = (this.#calls += 1);
    return new Promise((resolve, reject) => {
      const heard = (answer) => {
        if (answer.id === id) done(() => resolve(answer.result));
      };
      const ended = () => done(() => reject(new Error('the application has ended')));
      const done = (call) => {
        this.#child.off('message', heard).off('exit', ended);
        call();
      };
      this.#child.on('message', heard).on('exit', ended);
      this.#child.send({ id, ...message });
    });
  }
}

/** The `index`th event of a stream: as large as real ones are. */
function sample(index) {
  const type = `demo:${TYPES[index % TYPES.length].replace(':', '-')}`;
  return [
    type,
    {
      n: index,
      port: 3000 + (index % 7),
      state: index % 3 === 0 ? 'online' : 'offline',
      ms: index % 91,
    },
  ];
}

async function main({ token, options: { port = 0, ...options } }) {
  const loopwire = require('../../..');
  const { workspace, ...rest } = options;
  const listener = loopwire.startEventListener(port, token, () => {}, rest);
  if (workspace) {
    const { root, ...how } = workspace;
    loopwire.openWorkspace(root, how);
  }
  let endStream;
  const calls = {
    emit: (events) => events.forEach(([type, ...payload]) => loopwire.emit(type, ...payload)),
    stream: (perSecond) =>
      new Promise((resolve) => {
        const begun = Date.now();
        let sent = 0;
        const timer = setInterval(() => {
          const due = Math.floor(((Date.now() - begun) * perSecond) / 1000);
          for (; sent < due; sent += 1) loopwire.emit(...sample(sent));
        }, TICK_MS);
        endStream = () => {
          clearInterval(timer);
          resolve(sent);
        };
      }),
    endStream: () => endStream(),
    fill: async (count) => {
      for (let sent = 0; sent < count;) {
        for (const end = Math.min(count, sent + FILL_BURST); sent < end; sent += 1)
          loopwire.emit(...sample(sent));
        await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      }
    },
    rotate: (next) => listener.rotateToken(next),
  };
  process.on('message', async ({ id, ...message }) => {
    const [[name, argument]] = Object.entries(message);
    process.send({ id, result: await calls[name](argument) });
  });
  process.on('disconnect', () => process.exit());
  process.send({ port: listener.port });
}

if (require.main === module) main(JSON.parse(process.argv[2]));

module.exports = { Application };
