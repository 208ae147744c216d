// Words for a POSIX shell, and for PowerShell.
'use strict';

/** What a shell takes as it is. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-]+$/;

/** What PowerShell takes as it is: there a comma makes a list, and an at sign takes one apart. */
const PLAIN_FOR_POWERSHELL = /^[A-Za-z0-9_+:./\\-]+$/;

/** Any text between single quotes. */
const inQuotes = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** A word that the shell gives to the command as it is. */
const quoted = (text) => (PLAIN.test(text) ? text : inQuotes(text));

/** The same for PowerShell, which takes typographic quotes for quotes, too. */
const quotedForPowerShell = (text) =>
  PLAIN_FOR_POWERSHELL.test(text) ? text : `'${text.replace(/['\u2018-\u201b]/g, '$&$&')}'`;

module.exports = { inQuotes, quoted, quotedForPowerShell };
