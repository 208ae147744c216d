// curl, undici and Python through a forwarded port, with every upstream of other authors.
'use strict';

const { throughEveryUpstream } = require('../../support/forward/combinations.cjs');
const { curl } = require('../../support/forward/clients/curl.cjs');
const { requests } = require('../../support/forward/clients/requests.cjs');
const { undici } = require('../../support/forward/clients/undici.cjs');

for (const client of [curl, undici, requests]) throughEveryUpstream(client);
