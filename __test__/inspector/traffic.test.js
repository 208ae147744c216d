// What the inspector makes of a port's counters.
'use strict';

const { source } = require('../support/inspector/source.cjs');

const { Traffic } = source('ports/traffic.js');

/** As the metrics are read. */
function metrics(ports) {
  const of = (key) =>
    Object.entries(ports).map(([port, values]) => ({ labels: { port }, value: values[key] }));
  return new Map([
    ['loopwire_forward_port_bytes_up_total', of('up')],
    ['loopwire_forward_port_bytes_down_total', of('down')],
  ]);
}

/** Traffic of port 1, of samples `[at, up, down]`. */
function traffic(...samples) {
  const made = new Traffic();
  for (const [at, up, down] of samples) made.take(metrics({ 1: { up, down } }), at);
  return made;
}

test('a step is the mean between two samples', () => {
  const made = traffic([0, 100, 1000], [2000, 300, 1000], [12_000, 300, 51_000]);
  expect(made.steps(1)).toEqual([
    { from: 0, to: 2000, up: 100, down: 0 },
    { from: 2000, to: 12_000, up: 0, down: 5000 },
  ]);
  expect(made.now(1)).toEqual({ from: 2000, to: 12_000, up: 0, down: 5000 });
  expect(made.total(1)).toEqual({ up: 300, down: 51_000 });
  expect(made.steps(2)).toEqual([]);
});

test('two questions in a row are one step', () => {
  const made = traffic([0, 0, 0], [2000, 0, 2000], [2010, 0, 9000], [4000, 0, 12_000]);
  expect(made.steps(1).map(({ to, down }) => [to, down])).toEqual([
    [2000, 1000],
    [4000, 5000],
  ]);
});

test('a port that is forwarded anew counts from the start', () => {
  const made = traffic([0, 0, 0], [2000, 50, 5000], [2500, 0, 10], [4500, 0, 210]);
  expect(made.steps(1)).toEqual([{ from: 2500, to: 4500, up: 0, down: 100 }]);
  made.take(metrics({ 2: { up: 0, down: 0 } }), 6000);
  expect(made.total(1)).toBeUndefined();
});

test('only the last minute is kept', () => {
  const samples = Array.from({ length: 200 }, (_, index) => [index * 2000, 0, index]);
  const steps = traffic(...samples).steps(1);
  expect(steps).toHaveLength(31);
  expect(steps.at(-1).to - steps[0].to).toBe(60_000);
});
