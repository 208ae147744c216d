// Stacks of errors: they begin in the code of the application that made the call.
'use strict';

const { builtin } = require('./loader/builtin.js');

// This file, as it is called in a checkout and in the package (scripts/package/bundle.cjs). In an application's bundle it has
// neither name: then all frames stay.
const NAMES = ['lib/stack.js', 'lib\\stack.js', 'loopwire.js'];
const OWN_FILES = ['lib/', 'lib\\', 'index.js', 'loopwire.js'];
const here = typeof __filename === 'string' ? __filename : '';
const name = NAMES.find((known) => here.endsWith(known));

/** Where this package is, as stacks name it. Made for the first error: the start does not wait for it. */
let places;

function placesOfOwn() {
  if (name === undefined) return [];
  const root = here.slice(0, -name.length);
  const { pathToFileURL } = builtin('node:url');
  // Deno names all files by their URLs.
  return OWN_FILES.flatMap((file) => [root + file, pathToFileURL(root + file).href]);
}

// All runtimes that load native addons have it.
const { captureStackTrace: capture = () => {} } = Error;

/** How many of our own frames a call has at most, and some more. */
const OWN_FRAMES = 8;

/** Captures our own frames besides as many as the application wants: they are left out later. */
function captureMore(call, hide) {
  const { stackTraceLimit: limit } = Error;
  const isWanted = typeof limit === 'number' && limit > 0;
  const isRaised = isWanted && Reflect.set(Error, 'stackTraceLimit', limit + OWN_FRAMES);
  capture(call, hide);
  if (isRaised) Error.stackTraceLimit = limit;
}

const isFrame = (line) => line.startsWith('    at ');

function isOwn(line) {
  places ??= placesOfOwn();
  return places.some((place) => line.includes(place));
}

/** Where the running call came from; cheap, since only `begin` makes text of it. `hide` is the innermost frame left out. */
function calledFrom(hide = calledFrom) {
  // What makes text of a stack may look at the class (`Error.prepareStackTrace`).
  const call = Object.create(Error.prototype);
  captureMore(call, hide);
  return call;
}

/** The stack as it was made. A function of the application that fails at that must not take the place of the error. */
function textOf(call) {
  try {
    return call.stack;
  } catch {
    return undefined;
  }
}

/** Lets the stack of an error begin at the call, without our own frames. Returns the error. */
function begin(error, call = calledFrom(begin)) {
  const stack = textOf(call);
  // An application may have it made of something else.
  if (typeof stack !== 'string') return error;
  const all = stack.split('\n').filter(isFrame);
  const others = all.filter((line) => !isOwn(line));
  const frames = (others.length > 0 ? others : all).slice(0, Error.stackTraceLimit);
  error.stack = [`${error.name}: ${error.message}`, ...frames].join('\n');
  return error;
}

module.exports = { begin, calledFrom };
