// A callback that fails sometimes; prints what it got and where the failures went.
'use strict';

const { loopwire } = require('../../harness.cjs');
const { connect, urls } = require('../../channel/peer.cjs');

const how = process.argv[2];
const heard = [];
const failures = [];
const token = loopwire.generateToken();

function report(wanted) {
  if (heard.length < wanted || failures.length < (how === 'notices' ? wanted : 4)) return;
  console.log(JSON.stringify({ heard, failures: failures.sort() }));
  process.exit(0);
}

const wanted = how === 'notices' ? 4 : 10;
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => {
    failures.push(`${event} ${error.message}`);
    report(wanted);
  });
}

function fail(what) {
  heard.push(what);
  setImmediate(report, wanted);
  throw new Error(what);
}

const callbacks = {
  throw(data) {
    const n = JSON.parse(data).data.n;
    heard.push(n);
    setImmediate(report, wanted);
    if (n % 3 === 0) throw new Error(n);
  },
  async reject(data) {
    callbacks.throw(data);
  },
  notices() {},
};

const options = {
  onMessage: (data) => fail(data.toString()),
  onConnection: (_, change) => fail(change),
};
const noticed = how === 'notices' ? options : undefined;
const listener = loopwire.startEventListener(0, token, callbacks[how], noticed);
if (how === 'notices') {
  connect(urls.sdk(listener.port, token)).then(({ ws }) =>
    ['one', 'two'].forEach((word) => ws.send(word)),
  );
} else {
  for (let n = 0; n < 10; n += 1) loopwire.emit('my:event', { n });
}
