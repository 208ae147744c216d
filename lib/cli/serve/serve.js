// `loopwire serve`: a listener with what was asked for behind it, until a signal comes.
'use strict';

const { announce } = require('./announce.js');
const { Output } = require('../output/output.js');
const { Printer, look } = require('../output/printer.js');
const { EXIT, Problem, complain } = require('../problem.js');
const { plan } = require('./plan.js');
const { Show } = require('./show.js');
const { onStop } = require('../signals.js');

/** How long the last lines may take when it stops. */
const LAST_LINES_MS = 500;
/** How long stopping may take before a word is said about it: commands get two seconds to end. */
const PATIENCE_MS = 300;

async function serve(values) {
  const output = new Output();
  const printer = new Printer(look(values, output.isTerminal));
  const wanted = plan(values);
  // Only here: help and refusals need no native code.
  const loopwire = require('../../../index.js');
  const show = new Show(output, printer);
  let stopping;
  const stopped = new Promise((resolve) => {
    // Before anything runs: a signal that comes meanwhile must not leave half of it behind.
    onStop(resolve);
    output.gone.then(resolve);
  });
  let failure;
  try {
    const running = await start(loopwire, wanted, show);
    stopping = running;
    await Promise.race([stopped, forward(loopwire, wanted).then(() => stopped)]);
  } catch (error) {
    failure = error;
  }
  const late = setTimeout(complain, PATIENCE_MS, 'stopping; a second signal stops at once');
  await stop(loopwire, stopping);
  clearTimeout(late);
  show.end();
  await output.flush(LAST_LINES_MS);
  if (failure) throw failure instanceof Problem ? failure : explained(failure, wanted);
  // Whatever still runs (a pager that does not read, say) is not waited for.
  process.exit(EXIT.OK);
}

async function start(loopwire, wanted, show) {
  const workspace =
    wanted.workspace === undefined ? undefined : await loopwire.openWorkspace(wanted.workspace);
  let listener;
  try {
    const token = wanted.token ?? loopwire.generateToken();
    const hear = (json) => show.event(json);
    listener = loopwire.startEventListener(wanted.port, token, hear, wanted.options);
    show.line(announce(listener, { token, wanted, pretty: show.pretty }));
  } catch (error) {
    await workspace?.close();
    throw error;
  }
  return { workspace, listener };
}

/** Forwards what was asked for; one that fails is the end, since nothing would try it again. */
async function forward(loopwire, { proxies, forwards }) {
  if (proxies) loopwire.setAPIHost(proxies);
  if (forwards.length === 0) return;
  const ports = forwards.map(({ port }) => port);
  loopwire.setRangePort(Math.min(...ports), Math.max(...ports));
  for (const { port, id } of forwards) {
    if ((await loopwire.createWithId(port, id)) !== 0) {
      throw new Problem(`port ${port} is not forwarded: ${loopwire.sdkGetLastError()}`);
    }
  }
}

async function stop(loopwire, running) {
  try {
    await running?.workspace?.close();
    await running?.listener.close();
    await loopwire.shutdown();
  } catch (error) {
    complain(`stopping: ${error.message}`);
  }
}

/** An error of the package, in the words of the command line. */
function explained(error, { host, port }) {
  // No refusal, but a fault of ours: with its stack.
  if (error.code === undefined) return error;
  const hint = {
    EADDRINUSE: `port ${port} of ${host} is taken: choose another one, or --port 0 for any that is free`,
    EADDRNOTAVAIL: `${host} is no address of this machine`,
    EACCES: `port ${port} may not be bound by this user`,
    ERR_INSECURE_HOST: `others can reach ${host}: give it TLS (--tls-self-signed, or --tls-cert and --tls-key), or allow it without (--insecure)`,
  }[error.code];
  return new Problem(hint ?? error.message);
}

module.exports = { serve };
