// Arguments: the command line, checked against the table of commands.
'use strict';

const { parseArgs } = require('node:util');
const { usage } = require('./problem.js');

/** The most letters in which a suggested name may differ. */
const NEAR = 3;

/** How many letters must be added, deleted, changed or swapped to turn one word into the other. */
function distance(from, to) {
  let before = [];
  let row = Array.from({ length: to.length + 1 }, (_, n) => n);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1;
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + same);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        next[j] = Math.min(next[j], before[j - 2] + 1);
      }
    }
    [before, row] = [row, next];
  }
  return row[to.length];
}

/** The most similar name, if one is similar enough. */
function nearest(name, names) {
  // Of four letters one: tcsh is not bash.
  const most = Math.min(NEAR, Math.ceil(name.length / 4));
  const ranked = names.map((one) => [distance(name, one), one]).sort(([a], [b]) => a - b);
  // The beginning of a name also counts: --finger.
  const begun = names.filter((one) => name.length > 2 && one.startsWith(name));
  if (begun.length === 1) return begun[0];
  return ranked[0][0] <= most ? ranked[0][1] : undefined;
}

/** A name as typed, shortened to the length of a name, without control characters. */
const shown = (name) => name.replace(/[^\x20-\x7e]/g, '?').slice(0, 40);

function unknown(what, name, names, mark = '') {
  const near = nearest(name, names);
  const hint = near
    ? `did you mean ${mark}${near}?`
    : `there are ${names.map((one) => mark + one).join(', ')}`;
  return usage(`there is no ${what} ${mark}${shown(name)}; ${hint}`);
}

/**
 * The options and positionals of one command.
 *
 * @param {string[]} args the arguments after the command
 * @param {{usage: string, positionals: string[], optional?: string[], rest?: string, options: Record<string, {short?: string, value?: string, many?: boolean}>}} command
 */
function read(args, command) {
  const { options, optional = [], rest } = command;
  const [own, words] = rest === undefined ? [args] : split(args);
  const known = Object.fromEntries(
    Object.entries(options).map(([name, { short, value, many }]) => [
      name,
      { type: value ? 'string' : 'boolean', multiple: Boolean(many), ...(short && { short }) },
    ]),
  );
  // Not strict: the error texts of strict mode show what was typed, which may be a token.
  const { tokens } = parseArgs({
    args: own,
    options: known,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = {};
  const positionals = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind === 'option') take(token, options, values);
  }
  if (values.help) return { values, positionals };
  const { length } = positionals;
  const missing = command.positionals[length];
  const most = command.positionals.length + optional.length;
  if (missing || length > most) {
    const what = missing ? `${missing} is missing` : tooMany(rest);
    throw usage(`${what}; usage: ${command.usage}`);
  }
  if (rest && !words?.length) throw usage(`${rest} is missing; usage: ${command.usage}`);
  return { values, positionals, words };
}

const tooMany = (rest) =>
  rest ? `-- is missing before ${rest}` : 'there is one argument too many';

/** What stands before the first `--`, and what stands behind it, if there is one. */
function split(args) {
  const at = args.indexOf('--');
  return at < 0 ? [args] : [args.slice(0, at), args.slice(at + 1)];
}

function take({ name, rawName, value, inlineValue }, options, values) {
  if (name === 'token') {
    throw usage(
      'there is no option --token, because every user can read the list of processes; ' +
        'use --token-file FILE or LOOPWIRE_TOKEN',
    );
  }
  if (!Object.hasOwn(options, name)) {
    // Of one letter, and with no meaning of its own here.
    if (!rawName.startsWith('--')) throw usage(`there is no option ${shown(rawName)}`);
    throw unknown('option', name, Object.keys(options), '--');
  }
  const { value: wanted, many } = options[name];
  if (!wanted && value !== undefined) throw usage(`--${name} takes no value`);
  // `--port --host`: the value is missing, unless it was given as `--port=--host`.
  if (wanted && (!value || (!inlineValue && value.startsWith('--')))) {
    throw usage(`--${name} needs a value: --${name} ${wanted}`);
  }
  if (many) (values[name] ??= []).push(value);
  else if (wanted && values[name] !== undefined) throw usage(`--${name} was given twice`);
  else values[name] = wanted ? value : true;
}

/** Reads the whole number of an option. */
function number(name, text, least, most) {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most)) {
    throw usage(`--${name} must be a whole number from ${least} to ${most}`);
  }
  return value;
}

module.exports = { nearest, number, read, unknown };
