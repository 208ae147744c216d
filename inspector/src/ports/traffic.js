// Bytes per second of each port, of the last minute: differences of the counters in `/metrics`.

export const WINDOW_MS = 60_000;
/** The shortest step: two questions in a row are no measure of what flows. */
const STEP_MS = 1000;

const UP = 'loopwire_forward_port_bytes_up_total';
const DOWN = 'loopwire_forward_port_bytes_down_total';

export class Traffic {
  /** Port to samples, oldest first: `{at, up, down}`. One more than the window needs, where its first step begins. */
  #ports = new Map();

  /** @param {Map<string, {labels: {port: string}, value: number}[]>} metrics @param {number} at */
  take(metrics, at) {
    const ups = new Map((metrics.get(UP) ?? []).map(({ labels, value }) => [labels.port, value]));
    const seen = new Set();
    for (const { labels, value: down } of metrics.get(DOWN) ?? []) {
      const port = Number(labels.port);
      seen.add(port);
      this.#sample(port, { at, up: ups.get(labels.port) ?? 0, down });
    }
    for (const port of this.#ports.keys()) if (!seen.has(port)) this.#ports.delete(port);
  }

  /** The last step, or `undefined` before there are two samples. */
  now(port) {
    return this.steps(port).at(-1);
  }

  /** All bytes since the port is forwarded. */
  total(port) {
    const last = this.#ports.get(port)?.at(-1);
    return last && { up: last.up, down: last.down };
  }

  /** `{from, to, up, down}` in bytes per second. Between two samples only their mean is known, so it is a step. */
  steps(port) {
    const samples = this.#ports.get(port) ?? [];
    return samples.slice(1).map(({ at, up, down }, index) => {
      const before = samples[index];
      const seconds = (at - before.at) / 1000;
      return {
        from: before.at,
        to: at,
        up: (up - before.up) / seconds,
        down: (down - before.down) / seconds,
      };
    });
  }

  #sample(port, sample) {
    const samples = this.#ports.get(port) ?? [];
    const last = samples.at(-1);
    // It was removed and forwarded anew, or the application was started anew: it counts from the start.
    if (last && (sample.up < last.up || sample.down < last.down)) samples.length = 0;
    else if (last && sample.at - last.at < STEP_MS) return;
    samples.push(sample);
    while (samples.length > 2 && samples[1].at < sample.at - WINDOW_MS) samples.shift();
    this.#ports.set(port, samples);
  }
}
