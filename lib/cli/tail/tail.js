// `loopwire tail`: prints the events of a running listener.
'use strict';

const { number } = require('../arguments.js');
const { load } = require('../core.js');
const { Output } = require('../output/output.js');
const { Printer, look } = require('../output/printer.js');
const { EXIT, Problem, complain, report, usage } = require('../problem.js');
const { onStop } = require('../signals.js');
const { listener } = require('../connect/listener.js');

/** How long printing the last lines may take after a signal: Ctrl+C must not wait for a pager. */
const LAST_LINES_MS = 500;
const LINE_FEED = 10;

async function tail(values, [url]) {
  const count = values.count === undefined ? Infinity : number('count', values.count, 1, 1e15);
  const { where, beginning } = wanted(values, url);
  const output = new Output();
  const printer = new Printer(look(values, output.isTerminal));
  // Loaded only here: help and wrong options need no native code.
  const { NativeTail } = load('binding.js');
  const native = started(NativeTail, where, beginning);
  let stopped = false;
  onStop(() => {
    stopped = true;
    native.close();
    output.end(LAST_LINES_MS).then(
      () => process.exit(EXIT.OK),
      (error) => process.exit(report(error)),
    );
  });
  output.over.then(() => native.close());
  const failed = await follow(native, { output, printer, count, quiet: values.quiet });
  // The signal's own way ends the process.
  if (stopped) return EXIT.OK;
  const { isOver } = output;
  await output.end();
  if (failed && !isOver) throw new Problem(failed);
  return EXIT.OK;
}

/** The listener to follow, and where its events begin. */
function wanted(values, url) {
  const { since, epoch, ...where } = listener(values, url, 'tail', 'every event');
  if (values.replay && since !== undefined) {
    throw usage('--replay and since in the URL exclude each other');
  }
  const from = values.replay ? { since: '0' } : { since, epoch };
  return { where, beginning: { ...from, wait: Boolean(values.wait) } };
}

function started(NativeTail, where, beginning) {
  try {
    return new NativeTail(where, beginning);
  } catch (error) {
    throw new Problem(error.message);
  }
}

/** Prints events until the end. Returns the reason if it failed. */
async function follow(native, { output, printer, count, quiet }) {
  for (let left = count; ;) {
    const batch = await native.next();
    if (!batch) return undefined;
    if (batch.failed !== undefined) return batch.failed;
    if (batch.over) complain(batch.over);
    if (batch.note !== undefined && !quiet) complain(batch.note);
    if (batch.gap !== undefined) complain(batch.gap);
    if (batch.lines === undefined) continue;
    const lines = left === Infinity ? batch.lines : first(batch.lines, left);
    left -= left === Infinity ? 0 : breaks(lines);
    await output.write(printer.lines(lines));
    if (left === 0) {
      native.close();
      return undefined;
    }
  }
}

function breaks(lines) {
  let found = 0;
  for (let at = lines.indexOf(LINE_FEED); at >= 0; at = lines.indexOf(LINE_FEED, at + 1))
    found += 1;
  return found;
}

/** The first `count` lines. */
function first(lines, count) {
  let end = 0;
  for (let n = 0; n < count; n += 1) {
    const at = lines.indexOf(LINE_FEED, end);
    if (at < 0) return lines;
    end = at + 1;
  }
  return lines.subarray(0, end);
}

module.exports = { tail };
