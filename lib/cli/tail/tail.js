// `loopwire tail`: prints the events of a running listener.
'use strict';

const { number } = require('../arguments.js');
const files = require('../file.js');
const { load } = require('../core.js');
const { Output } = require('../output/output.js');
const { Printer, look } = require('../output/printer.js');
const { EXIT, Problem, complain, report, usage } = require('../problem.js');
const { onStop } = require('../signals.js');
const { target } = require('./target.js');
const token = require('../token.js');

/** How long printing the last lines may take after a signal: Ctrl+C must not wait for a pager. */
const LAST_LINES_MS = 500;
const LINE_FEED = 10;

async function tail(values, [url]) {
  const count = values.count === undefined ? Infinity : number('count', values.count, 1, 1e15);
  const where = wanted(values, url);
  const output = new Output();
  const printer = new Printer(look(values, output.isTerminal));
  // Loaded only here: help and wrong options need no native code.
  const { NativeTail } = load('binding.js');
  const native = started(NativeTail, where);
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

/** The listener to follow, from the options, the URL and the environment. */
function wanted(values, url) {
  const where = target(url);
  const inUrl = where.token !== undefined;
  if (inUrl && values['token-file'] !== undefined) {
    throw usage('the URL contains a token already: it and --token-file exclude each other');
  }
  if (inUrl) {
    // Hides it from now on, if the system lets a process change its title.
    if (process.platform !== 'win32') process.title = 'loopwire tail';
    complain(
      'warning: a token in the URL can be read in the list of processes and in the history of the shell; ' +
        'use --token-file or LOOPWIRE_TOKEN',
    );
  }
  const given = token.given(values['token-file']);
  where.token ??= given;
  if (where.token === undefined) {
    throw usage('there is no token: give --token-file FILE, or set LOOPWIRE_TOKEN');
  }
  if (values.ca !== undefined && values.fingerprint !== undefined) {
    throw usage('--ca and --fingerprint exclude each other');
  }
  if (!where.secure && (values.ca ?? values.fingerprint) !== undefined) {
    throw usage('--ca and --fingerprint are for wss:// URLs: without TLS there is no certificate');
  }
  if (where.exposed) {
    complain('warning: without TLS the token and every event cross the network unencrypted');
  }
  if (values.replay && where.since !== undefined) {
    throw usage('--replay and since in the URL exclude each other');
  }
  const { exposed: _, ...rest } = where;
  return {
    ...rest,
    ...(values.replay && { since: '0', epoch: undefined }),
    ca: values.ca === undefined ? undefined : pem(values.ca),
    fingerprint: values.fingerprint,
    wait: Boolean(values.wait),
  };
}

function pem(file) {
  try {
    return files.read(file).text;
  } catch (error) {
    throw new Problem(`the CA file cannot be read: ${error.message}`);
  }
}

function started(NativeTail, where) {
  try {
    return new NativeTail(where);
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
