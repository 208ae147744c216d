// Files that the command line names: only regular ones are read, and never more of them than a bound.
'use strict';

const fs = require('node:fs');
const { decode } = require('./text.js');

/** The largest text: more than any list of proxies or authorities has, and a bound for a wrong path. */
const MOST_BYTES = 32 * 1024 * 1024;

// Opening a named pipe waits for a writer, which may never come. Windows has no such flag, and no such files.
const FLAGS = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0) | (fs.constants.O_NOCTTY ?? 0);

/** The text of a file, and its status. Throws for what is no regular file. */
function read(file, most = MOST_BYTES) {
  // Before the open, which may have a side effect on a device, and behind it: the path may be another file by then.
  check(fs.statSync(file), file);
  const fd = fs.openSync(file, FLAGS);
  try {
    const stat = check(fs.fstatSync(fd), file);
    return { text: decode(upTo(fd, most, file)), stat };
  } finally {
    fs.closeSync(fd);
  }
}

/** All bytes, however many the status says there are. */
function upTo(fd, most, file) {
  const chunks = [];
  const chunk = Buffer.alloc(64 * 1024);
  let all = 0;
  for (let count; (count = fs.readSync(fd, chunk)) > 0;) {
    all += count;
    if (all > most) throw new Error(`${file} is larger than ${most} bytes`);
    chunks.push(Buffer.from(chunk.subarray(0, count)));
  }
  return Buffer.concat(chunks);
}

function check(stat, file) {
  if (stat.isFile()) return stat;
  throw new Error(`${file} is ${kind(stat)}, not a regular file`);
}

function kind(stat) {
  if (stat.isDirectory()) return 'a directory';
  if (stat.isFIFO()) return 'a named pipe';
  if (stat.isSocket()) return 'a socket';
  return 'a device';
}

module.exports = { read };
