// The native core as the rest of the JavaScript API uses it: its errors are made here, in the realm of the caller.
//
// The addon belongs to the main context of its thread, and makes its errors there. In a `vm` context, as in Jest and in
// some pools of vitest, they are not `instanceof Error`, and a rejected Promise knows no caller.
'use strict';

const binding = require('../binding.js');
const { builtin } = require('./loader/builtin.js');
const { begin, calledFrom } = require('./stack.js');

const { isNativeError } = builtin('node:util').types;

const CLASSES = { Error, RangeError, TypeError };

// Called for each event or piece of output, and fails only at the end of everything: who calls it takes care of that.
const RAW = {
  functions: new Set(['isForwarding', 'onLiveness', 'publishData', 'publishText']),
  methods: new Set(['drain', 'park', 'read', 'take']),
};

/** The error in this realm for one of the native core; everything else that was thrown stays what it is. */
function own(error, call) {
  const isOurs = error?.nativeClass !== undefined;
  if (!isOurs && (error instanceof Error || !isNativeError(error))) return error;
  // `cause` is no enumerable property of an error.
  const { nativeClass = error.name, cause, ...keys } = { cause: error.cause, ...error };
  const Class = CLASSES[nativeClass] ?? Error;
  const options = cause === undefined ? undefined : { cause: reason(cause) };
  return begin(Object.assign(new Class(error.message, options), keys), call);
}

/** The error of the system or of a library: it has no place in JavaScript. */
function reason(error) {
  if (error?.nativeClass === undefined) return error;
  const made = own(error);
  made.stack = `${made.name}: ${made.message}`;
  return made;
}

/**
 * The prototype that instances get here, by that of their native class: contexts may share an addon and its classes. Null
 * before there is an instance: most programs have none of most classes.
 */
const prototypes = new Map();

/** An instance of a native class with the methods of this realm; any other value as it is. */
function adopted(value) {
  if (typeof value !== 'object' || value === null) return value;
  const base = Object.getPrototypeOf(value);
  let prototype = prototypes.get(base);
  if (prototype === undefined) return value;
  if (prototype === null) {
    prototype = prototypeOver(base);
    prototypes.set(base, prototype);
  }
  return Object.setPrototypeOf(value, prototype);
}

function prototypeOver(base) {
  const prototype = Object.create(base);
  for (const [method, { value }] of Object.entries(Object.getOwnPropertyDescriptors(base))) {
    if (typeof value !== 'function' || method === 'constructor' || RAW.methods.has(method))
      continue;
    prototype[method] = wrapped(method, value);
  }
  return prototype;
}

async function settled(promise, call) {
  try {
    return adopted(await promise);
  } catch (error) {
    throw own(error, call);
  }
}

function wrapped(name, native) {
  // A computed key names the function, in half the time that `Object.defineProperty` takes.
  const { [name]: call } = {
    [name](...args) {
      let result;
      try {
        result = native.apply(this, args);
      } catch (error) {
        throw own(error);
      }
      return typeof result?.then === 'function'
        ? settled(result, calledFrom(call))
        : adopted(result);
    },
  };
  return call;
}

function constructing(name, Native) {
  prototypes.set(Native.prototype, null);
  function construct(...args) {
    try {
      return adopted(new Native(...args));
    } catch (error) {
      throw own(error);
    }
  }
  return Object.defineProperty(construct, 'name', { value: name });
}

function faced(name, value) {
  if (typeof value !== 'function' || RAW.functions.has(name)) return value;
  return name.startsWith('Native') ? constructing(name, value) : wrapped(name, value);
}

const native = Object.fromEntries(
  Object.entries(binding).map(([name, value]) => [name, faced(name, value)]),
);

module.exports = { native, own };
