// Chromium through a forwarded port, with every upstream of other authors.
'use strict';

const { throughEveryUpstream } = require('../../support/forward/combinations.cjs');
const { chromium, closing } = require('../../support/forward/clients/chromium.cjs');

closing();
throughEveryUpstream(chromium);
