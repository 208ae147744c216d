// The payload of `emit` as JSON.
'use strict';

const { wrongType } = require('../errors.js');
const { builtin } = require('../loader/builtin.js');

const { isAnyArrayBuffer } = builtin('node:util').types;

const ENCODED = 'a string or an object of JSON (encode bytes, as with toString("base64"))';

/** The JSON of an object. Bytes are refused: JSON would hold `{"type":"Buffer","data":[…]}`, or `{}`. */
function serialise(payload) {
  if (ArrayBuffer.isView(payload)) throw wrongType('payload', ENCODED, payload);
  const json = JSON.stringify(payload);
  // An ArrayBuffer has no keys, so only what serialises to this is looked at.
  if (json === '{}' && isAnyArrayBuffer(payload)) throw wrongType('payload', ENCODED, payload);
  return json;
}

module.exports = { serialise };
