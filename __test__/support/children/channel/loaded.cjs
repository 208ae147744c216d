// A listener under full load that ends as the argument says; first it prints its port.
'use strict';

const { loopwire, native } = require('../../harness.cjs');
const { connect, urls } = require('../../channel/peer.cjs');

const how = process.argv[2];
const token = loopwire.generateToken();
let heard = 0;
/** @type {() => void} */
let enough;
const many = new Promise((/** @type {(value?: void) => void} */ resolve) => {
  enough = resolve;
});
const listener = loopwire.startEventListener(0, token, () => {
  heard += 1;
  if (heard === 5_000) enough();
});

const ends = {
  exit: () => process.exit(7),
  throw() {
    setImmediate(() => {
      throw new Error('of the application');
    });
  },
  // From outside, by a signal.
  wait() {},
};

function end() {
  // Nobody but Node itself may have taken the signals.
  const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit', 'beforeExit', 'uncaughtException'];
  const ours = handlers.filter((event) => process.listenerCount(event) > 0);
  process.stdout.write(`${JSON.stringify({ port: listener.port, token, ours })}\n`, () => {
    ends[how]();
  });
}

// All of it is under way once both clients have had some events, and the callback many. The clients come first: one that
// connects in the middle of it, on a busy machine, may be overtaken and closed before it has had an event.
async function begin() {
  const peers = await Promise.all(
    [urls.sdk, urls.v1].map((url) => connect(url(listener.port, token))),
  );
  const busy = peers.map((peer) => {
    const had = new Promise((resolve) => peer.each(resolve));
    const lost = peer.closed.then(({ code }) => Promise.reject(new Error(`closed with ${code}`)));
    return Promise.race([had, lost]);
  });
  native.harness.publish({ threads: 2, count: 2 ** 31 }).catch(() => {});
  await Promise.all([...busy, many]);
  end();
}

begin();
