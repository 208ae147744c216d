// A model that views look at. It outlives them.

import { useEffect, useState } from 'preact/hooks';

export class Observable {
  #listeners = new Set();

  /** Tells of each change. @returns {() => void} ends that */
  onChange(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed() {
    for (const listener of this.#listeners) listener();
  }
}

/** Many reasons within so long are one. */
const SOON_MS = 250;

/** A function that has `call` called a moment later, once for many times, and not while `isBusy`. */
export function soon(call, isBusy) {
  let timer;
  const plan = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (isBusy()) plan();
      else call();
    }, SOON_MS);
  };
  return plan;
}

/** Draws the view again when the model changes, once a frame at most. */
export function useModel(model) {
  const [, draw] = useState(0);
  useEffect(() => {
    let frame;
    const stop = model.onChange(() => {
      frame ??= requestAnimationFrame(() => {
        frame = undefined;
        draw((count) => count + 1);
      });
    });
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [model]);
}
