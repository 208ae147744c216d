// A browser through a forwarded port, through every upstream that others wrote.
'use strict';

const { matrix } = require('../../support/forward/combinations.cjs');
const { chromium, closing } = require('../../support/forward/clients/chromium.cjs');

closing();
matrix(chromium);
