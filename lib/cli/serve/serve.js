// `loopwire serve`: runs a listener, with a workspace and forwarded ports, until a signal comes.
'use strict';

const { announce } = require('./announce.js');
const { load } = require('../core.js');
const { Output } = require('../output/output.js');
const { Printer, look } = require('../output/printer.js');
const { EXIT, Problem, complain } = require('../problem.js');
const { plan } = require('./plan.js');
const { Show } = require('./show.js');
const { onStop } = require('../signals.js');

/** How long printing the last lines may take when it stops. */
const LAST_LINES_MS = 500;
/** How long stopping may take before a message says so: commands get two seconds to end. */
const PATIENCE_MS = 300;

async function serve(values) {
  const output = new Output();
  const printer = new Printer(look(values, output.isTerminal));
  const wanted = plan(values);
  // Loaded only here: help and wrong options need no native code.
  const loopwire = load('entry.js');
  const show = new Show(output, printer);
  let stopping;
  const stopped = new Promise((resolve) => {
    // Before anything runs: a signal during the start must stop everything, too.
    onStop(resolve);
    output.over.then(resolve);
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
  const unwritten = await output.end(LAST_LINES_MS).catch((error) => error);
  if (failure) throw failure instanceof Problem ? failure : explained(failure, wanted);
  if (unwritten) throw unwritten;
  // Do not wait for what still runs, such as a pager that does not read.
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
    const { pretty, isTerminal } = show;
    show.line(announce(listener, { token, wanted, pretty, isTerminal }));
  } catch (error) {
    await workspace?.close();
    throw error;
  }
  return { workspace, listener };
}

/** Forwards the ports; a failure ends the program, because nothing would try again. */
async function forward(loopwire, { proxies, forwards }) {
  if (proxies) loopwire.setAPIHost(proxies);
  if (forwards.length === 0) return;
  const ports = forwards.map(({ port }) => port);
  loopwire.setRangePort(Math.min(...ports), Math.max(...ports));
  for (const { port, id, url } of forwards) {
    try {
      if (url !== undefined) await loopwire.forward({ port, upstream: url });
      else if ((await loopwire.createWithId(port, id)) !== 0) {
        throw new Error(loopwire.sdkGetLastError());
      }
    } catch (error) {
      throw new Problem(`port ${port} is not forwarded: ${error.message}`);
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

/** An error of the package, with a hint for the command line. */
function explained(error, { host, port }) {
  // An error without a code is a defect of ours: show its stack.
  if (error.code === undefined) return error;
  const hint = {
    EADDRINUSE: `port ${port} of ${host} is in use: choose another one, or --port 0 for any free port`,
    EADDRNOTAVAIL: `${host} is not an address of this machine`,
    EACCES:
      process.platform === 'win32'
        ? `Windows has reserved port ${port} (netsh int ipv4 show excludedportrange tcp), or a program holds it for itself: choose another one`
        : `this user may not bind port ${port}`,
    ERR_INSECURE_HOST: `other machines can reach ${host}: use TLS (--tls-self-signed, or --tls-cert and --tls-key), or allow it without TLS (--insecure)`,
  }[error.code];
  return new Problem(hint ?? error.message);
}

module.exports = { serve };
