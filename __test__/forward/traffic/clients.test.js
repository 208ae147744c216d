// Programs that others wrote on both sides of a forwarded port: curl, undici and Python through every upstream.
'use strict';

const { matrix } = require('../../support/forward/combinations.cjs');
const { curl } = require('../../support/forward/clients/curl.cjs');
const { requests } = require('../../support/forward/clients/requests.cjs');
const { undici } = require('../../support/forward/clients/undici.cjs');

for (const visitor of [curl, undici, requests]) matrix(visitor);
