// `loopwire completion`: a script for the shell.
'use strict';

const { unknown } = require('../arguments.js');
const { Output } = require('../output/output.js');
const { EXIT } = require('../problem.js');
const { bash } = require('./bash.js');
const { fish } = require('./fish.js');
const { zsh } = require('./zsh.js');

const SHELLS = { bash, zsh, fish };

async function completion(_, [shell]) {
  if (!Object.hasOwn(SHELLS, shell)) throw unknown('shell', shell, Object.keys(SHELLS));
  const output = new Output();
  output.put(SHELLS[shell]());
  await output.end();
  return EXIT.OK;
}

module.exports = { completion };
