// The text of a file, as editors write it: with a byte order mark, or in an encoding that is not UTF-8.
'use strict';

/** The marks with which a text in UTF-16 begins. */
const WIDE_MARKS = new Set(['fffe', 'feff']);

/** The text of these bytes, without a byte order mark. UTF-16 throws: its text would look like another fault. */
function decode(bytes) {
  if (WIDE_MARKS.has(bytes.toString('hex', 0, 2))) {
    throw new Error('it is UTF-16: save it as UTF-8');
  }
  return bytes.toString('utf8').replace(/^\uFEFF+/, '');
}

module.exports = { decode };
