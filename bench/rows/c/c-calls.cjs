// Row: what a call costs that does next to nothing.
'use strict';
const { program } = require('../../lib/capi.cjs');
const loopwire = require('../../lib/loopwire.cjs');

const COUNT = 200_000;

/** Nanoseconds per call; the first half warms up. */
function cost(count, call) {
  for (let n = 0; n < count / 2; n++) call();
  const began = process.hrtime.bigint();
  for (let n = 0; n < count; n++) call();
  return Number(process.hrtime.bigint() - began) / count;
}

module.exports = {
  name: 'c-calls',
  title: 'calls that ask for something: C beside Node',
  base: 'node',
  columns: [
    { key: 'ports', title: '100 ports ns' },
    { key: 'lastError', title: 'last error ns' },
    { key: 'refused', title: 'refused argument ns' },
  ],
  subjects: {
    loopwire: program(
      'C: loopwire_forward_get_ports, SDKGetLastError, both freed; loopwire_emit(NULL)',
      'calls',
      'loopwire',
      COUNT,
    ),
    node: {
      title: "Node: getPorts, sdkGetLastError, emit('')",
      loopwire: true,
      run({ of }) {
        const { loopwire: api } = loopwire.load();
        // An error to be told.
        api.startCommunicate(2, 0, loopwire.TOKEN);
        const refused = () => {
          try {
            api.emit('');
          } catch {
            return;
          }
          throw new Error('an empty type was taken');
        };
        return {
          ports: cost(of(COUNT), () => api.getPorts()),
          lastError: cost(of(COUNT), () => api.sdkGetLastError()),
          refused: cost(of(COUNT) / 10, refused),
        };
      },
    },
  },
};
