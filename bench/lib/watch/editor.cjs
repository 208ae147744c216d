// Changes files from another process, and says when: on the clock that all processes share.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { fork } = require('node:child_process');
const { setTimeout: sleep } = require('node:timers/promises');
const { directory } = require('./tree.cjs');

const CHANGES = {
  create: (place, number) => write(path.join(place, `new${number}`)),
  modify: (place, number) => write(path.join(place, `new${number}`)),
  rename(place, number) {
    const to = path.join(place, `moved${number}`);
    const at = process.hrtime.bigint();
    fs.renameSync(path.join(place, `new${number}`), to);
    return [to, at];
  },
  delete(place, number) {
    const name = path.join(place, `moved${number}`);
    const at = process.hrtime.bigint();
    fs.unlinkSync(name);
    return [name, at];
  },
};

/** As editors without an atomic save do it. */
function write(name) {
  const at = process.hrtime.bigint();
  const fd = fs.openSync(name, 'a');
  fs.writeSync(fd, 'hello');
  fs.closeSync(fd);
  return [name, at];
}

/** In the other process. */
async function change({ root, leaves, kind, count, pauseMs }) {
  const changes = [];
  for (let number = 0; number < count; number++) {
    const place = directory(root, (number * 7) % leaves);
    const [name, at] = CHANGES[kind](place, number);
    changes.push([name, String(at)]);
    if (pauseMs) await sleep(pauseMs * (0.5 + Math.random()));
  }
  process.send({ changes });
}

/** A process that changes files. */
class Editor {
  #child = fork(__filename, ['--child']);

  /** Makes so many changes of one kind, and says which and when. */
  change(order) {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error('Error: the editor ended'));
      this.#child.once('exit', ended);
      this.#child.once('message', ({ changes }) => {
        this.#child.off('exit', ended);
        resolve(changes.map(([name, at]) => [name, BigInt(at)]));
      });
      this.#child.send(order);
    });
  }

  stop() {
    this.#child.removeAllListeners();
    this.#child.kill();
  }
}

module.exports = { Editor };

if (process.argv[2] === '--child') process.on('message', change);
