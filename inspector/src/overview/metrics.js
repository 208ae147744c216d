// The text of `/metrics` (OpenMetrics) as numbers.

/** `Map` of name to `[{labels, value}]`. Lines of another form are left out. */
export function readMetrics(text) {
  const metrics = new Map();
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = /^([a-zA-Z_:]\w*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
    if (name === undefined || Number.isNaN(Number(value))) continue;
    const list = metrics.get(name) ?? [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    list.push({
      labels: Object.fromEntries(pairs.map(([, key, one]) => [key, one])),
      value: Number(value),
    });
    metrics.set(name, list);
  }
  return metrics;
}

/** One number without labels, or `undefined`. */
export const figure = (metrics, name) => metrics?.get(name)?.[0]?.value;
