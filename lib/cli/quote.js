// Words for a POSIX shell.
'use strict';

/** What a shell takes as it is. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-]+$/;

/** Any text between single quotes. */
const inQuotes = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** A word that the shell gives to the command as it is. */
const quoted = (text) => (PLAIN.test(text) ? text : inQuotes(text));

module.exports = { inQuotes, quoted };
