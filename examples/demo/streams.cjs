// The two streams of the demo, the callback's and the WebSocket client's: shown as they come, and compared.
'use strict';

/** @typedef {'callback' | 'client'} Side */
/** @typedef {{at: number, text: string}} Heard */

const NAMES = { callback: 'the callback', client: 'the WebSocket client' };
// How long one side's event waits for the other's, to be shown on one line with it.
const PATIENCE_MS = 100;
const TIMEOUT_MS = 8_000;

class Streams {
  #screen;
  /** @type {Record<Side, Heard[]>} */
  #heard = { callback: [], client: [] };
  /** How much of each side has been shown. @type {Record<Side, number>} */
  #shown = { callback: 0, client: 0 };
  /** Where the current step begins. */
  #mark = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  /** @type {Set<() => void>} */
  #waiting = new Set();
  /** Remarks on events that are about to be shown. @type {[text: string, colour: import('./screen.cjs').Colour][]} */
  #notes = [];
  /** What went wrong. @type {string[]} */
  problems = [];

  /** @param {InstanceType<typeof import('./screen.cjs').Screen>} screen */
  constructor(screen) {
    this.#screen = screen;
  }

  /** @param {Side} side @param {string} text */
  add(side, text) {
    this.#heard[side].push({ at: this.#screen.now(), text });
    this.#show(false);
    for (const look of this.#waiting) look();
  }

  /** Shows what came at both sides; what came at one alone too, if nobody waits for the other any more. */
  #show(/** @type {boolean} */ all) {
    const { callback, client } = this.#heard;
    const shown = this.#shown;
    clearTimeout(this.#timer);
    for (;;) {
      const left = callback[shown.callback];
      const right = client[shown.client];
      if (!left && !right) return this.#sayNotes();
      if (!all && !(left && right)) break;
      // Late: the other side's half of this line has been shown alone.
      const together = shown.callback === shown.client;
      const showLeft = left && (together || shown.callback < shown.client);
      const showRight = right && (together || shown.client < shown.callback);
      this.#screen.row(showLeft ? left : undefined, showRight ? right : undefined);
      if (showLeft) shown.callback += 1;
      if (showRight) shown.client += 1;
    }
    this.#timer = setTimeout(() => this.#show(true), PATIENCE_MS);
  }

  /** A remark that belongs below the events that have come so far. @param {string} text @param {import('./screen.cjs').Colour} colour */
  note(text, colour) {
    this.#notes.push([text, colour]);
    this.#show(false);
  }

  #sayNotes() {
    for (const [text, colour] of this.#notes.splice(0)) this.#screen.remark(text, colour);
  }

  /** A step begins: what is expected from here on must come from here on. */
  mark() {
    this.#mark = Math.max(this.#heard.callback.length, this.#heard.client.length);
  }

  /**
   * Waits until these events have come at both sides since the mark, in this order. An event is what its
   * text begins with.
   *
   * @param {...[type: string, payload?: string | number]} events
   */
  async expect(...events) {
    const wanted = events.map(([type, payload]) =>
      payload === undefined
        ? `{"type":"${type}",`
        : JSON.stringify({ type, payload: String(payload) }),
    );
    const missing = (/** @type {Side} */ side) => {
      let from = this.#mark;
      return wanted.find((text) => {
        const at = this.#heard[side].findIndex(
          (one, index) => index >= from && one.text.startsWith(text),
        );
        from = at + 1;
        return at < 0;
      });
    };
    const came = await this.#until(() => !missing('callback') && !missing('client'));
    if (came) return;
    for (const side of /** @type {const} */ (['callback', 'client'])) {
      const text = missing(side);
      if (text) this.problem(`${text} did not come at ${NAMES[side]}`);
    }
  }

  /** @param {() => boolean} condition @returns {Promise<boolean>} */
  #until(condition) {
    return new Promise((resolve) => {
      const end = (/** @type {boolean} */ came) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(came);
      };
      const look = () => condition() && end(true);
      const timer = setTimeout(end, TIMEOUT_MS, false);
      this.#waiting.add(look);
      look();
    });
  }

  /** Whether both sides heard the same in the same order, once both have heard the last of it. */
  async compare() {
    const { callback, client } = this.#heard;
    await this.#until(() => callback.length === client.length);
    this.#show(true);
    clearTimeout(this.#timer);
    const length = Math.max(callback.length, client.length);
    for (let index = 0; index < length; index += 1) {
      const [left, right] = [callback[index]?.text, client[index]?.text];
      if (left !== right) {
        this.problem(`event ${index + 1} differs: ${left ?? 'none'} and ${right ?? 'none'}`);
        break;
      }
    }
    return length;
  }

  /** Something is not as it should be: the demo will end with code 1. @param {string} text */
  problem(text) {
    this.problems.push(text);
    this.#screen.remark(text, 'red');
  }

  end() {
    clearTimeout(this.#timer);
  }
}

module.exports = { Streams };
