// A browser through a forwarded port, through every upstream that others wrote.
'use strict';

const { matrix } = require('./support/matrix.cjs');
const { chromium, closing } = require('./support/visitors/chromium.cjs');

closing();
matrix(chromium);
