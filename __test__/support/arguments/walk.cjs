// Walks a table of arguments with values of every type, and with objects that throw.
'use strict';

// A value of each type; a function takes those that it has in common with the names after it.
const VALUES = {
  undefined: [undefined],
  null: [null],
  boolean: [true],
  number: [7],
  nan: [NaN],
  negative: [-1],
  // The first number of which JavaScript does not know the next one.
  unsafe: [2 ** 53],
  string: ['7'],
  bigint: [7n],
  symbol: [Symbol('s')],
  function: [() => {}],
  array: [['x']],
  object: [{ unknown: 1 }],
  bytes: [new Uint8Array(2), Buffer.from('ab')],
  view: [new Uint16Array(2), new DataView(new ArrayBuffer(2))],
  memory: [new ArrayBuffer(2)],
  // Memory that was transferred away.
  detached: detached(),
};

function detached() {
  const buffer = new ArrayBuffer(8);
  const views = [new Uint16Array(buffer), new DataView(buffer)];
  structuredClone(buffer, { transfer: [buffer] });
  return [buffer, ...views];
}

/** All values but those of these types. */
const allBut = (...names) =>
  Object.entries(VALUES).flatMap(([name, values]) => (names.includes(name) ? [] : values));

const CODES =
  /^(ERR_INVALID_ARG_(TYPE|VALUE)|ERR_OUT_OF_RANGE|ERR_SOCKET_BAD_PORT|ERR_UNKNOWN_OPTION|ERR_EVENT_\w+|ERR_TOKEN_INVALID)$/;

// An object of options may be any object, as in Node: those without keys have no option that could be wrong.
const OPTIONS = /^(options|settings|options\.(keep|env))$/;
const OBJECTS = ['view', 'memory', 'detached'];

const shown = (value) =>
  typeof value === 'object'
    ? Object.prototype.toString.call(value)
    : `${typeof value} ${String(value)}`;

/** What a call comes to with each wrong value, if that is not a refusal that names the argument. */
async function wrong(table, subject) {
  const found = [];
  for (const [what, rows] of Object.entries(table)) {
    for (const [name, right, call] of rows) {
      for (const value of allBut(...right, ...(OPTIONS.test(name) ? OBJECTS : []))) {
        const at = `${what}: ${name} = ${shown(value)}`;
        try {
          await call(subject, value);
          found.push(`${at} was accepted`);
        } catch (error) {
          const { code, message } = error;
          const last = name.split('.').at(-1);
          const named = message.includes(last) || message.includes('option');
          if (!CODES.test(code) || !named) found.push(`${at}: ${code} ${message}`);
          else if (!['TypeError', 'RangeError'].includes(error.name))
            found.push(`${at}: ${error.name}`);
        }
      }
    }
  }
  return found;
}

const mine = new Error('thrown by the application');
const fail = () => {
  throw mine;
};

/** Objects that throw when they are looked at, or cannot be looked at at all. */
function hostile() {
  const traps = ['get', 'has', 'ownKeys', 'getOwnPropertyDescriptor', 'getPrototypeOf'];
  const handler = Object.fromEntries(traps.map((name) => [name, fail]));
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  return [new Proxy({}, handler), new Proxy([], handler), revoked.proxy];
}

/** What a call comes to with objects that throw, if that is neither a refusal nor what they have thrown. */
async function mishandled(table, subject) {
  const found = [];
  for (const [what, rows] of Object.entries(table)) {
    for (const [name, right, call] of rows) {
      for (const value of hostile()) {
        if (right.includes('object')) continue;
        try {
          await call(subject, value);
          found.push(`${what}: ${name} was accepted`);
        } catch (error) {
          // A proxy that is revoked throws the engine's own TypeError, which is as much the application's.
          const isTheirs = error === mine || /revoked/.test(error.message);
          if (!isTheirs && !CODES.test(error.code)) found.push(`${what}: ${name}: ${error}`);
        }
      }
    }
  }
  return found;
}

module.exports = { mishandled, wrong };
