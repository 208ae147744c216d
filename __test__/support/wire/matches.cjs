// Whether a message has the form of an example: the same keys in the same order, and values of the same kinds.
'use strict';

/** @param {any} value */
const kindOf = (value) => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};

/**
 * Lists may be shorter or longer: each item of the example's has to have its like.
 *
 * @param {any} example
 * @param {any} message
 * @returns {boolean}
 */
function matches(example, message) {
  if (kindOf(example) !== kindOf(message)) return false;
  if (Array.isArray(example))
    return example.every((item) =>
      message.some((/** @type {any} */ other) => matches(item, other)),
    );
  if (kindOf(example) !== 'object') return true;
  const keys = Object.keys(example);
  return (
    keys.join() === Object.keys(message).join() &&
    // The type is the same; the client's own name for a command may be a number as well.
    (example.type === undefined || example.type === message.type) &&
    keys.every((key) => key === 'id' || matches(example[key], message[key]))
  );
}

module.exports = { matches };
