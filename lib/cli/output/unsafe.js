// What a terminal would obey.
'use strict';

/**
 * Control characters of terminals (ESC, C1, DEL), and characters that reverse or hide text. What others say, such as the
 * output of a program and so an event, may contain any of them.
 */
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

module.exports = { UNSAFE };
