// The demo behind `npm start`: for now it only shows that the native core answers.
'use strict';

const { getVersionInfo } = require('..');

console.log(getVersionInfo());
