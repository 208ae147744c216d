// An xterm that is attached to a terminal of a sandbox, and how far it has parsed the output.
'use strict';

const { Screen } = require('../workspace/screen.cjs');
const { until } = require('../until.cjs');

class AttachedScreen extends Screen {
  /** How many bytes of output the xterm has parsed. */
  shown = 0;
  /** What `onError` was told. */
  errors = [];

  /** @param {{attach: Function, terminal: object, cols: number, rows: number}} options */
  constructor({ attach, terminal, ...size }) {
    super(size);
    const { xterm } = this;
    const write = xterm.write.bind(xterm);
    xterm.write = (data, parsed) =>
      write(data, () => {
        this.shown += data.length;
        parsed?.();
      });
    this.attachment = attach(xterm, terminal, { onError: (error) => this.errors.push(error) });
  }

  /** As somebody at the keyboard. */
  type(keys) {
    this.xterm.input(keys);
  }
}

/**
 * Waits until the screen and a viewer have parsed the same of the output, and `so`: then nothing changes until the caller awaits.
 *
 * @param {AttachedScreen} screen
 * @param {import('../workspace/viewer.cjs').Viewer} viewer that has seen all since the beginning
 * @param {() => boolean} so
 */
async function met(screen, viewer, so) {
  const same = () => viewer.shown === viewer.offset && screen.shown === viewer.offset;
  try {
    await until(() => same() && so(), 'the same on both screens');
  } catch (error) {
    error.message += `\n${JSON.stringify([screen.shown, screen.errors, viewer])}\n${screen.text}\n\n${viewer.screen.text}`;
    throw error;
  }
}

module.exports = { AttachedScreen, met };
