// Programs that others wrote on both sides of a forwarded port: curl, undici and Python through every upstream.
'use strict';

const { matrix } = require('./support/matrix.cjs');
const { curl } = require('./support/visitors/curl.cjs');
const { requests } = require('./support/visitors/requests.cjs');
const { undici } = require('./support/visitors/undici.cjs');

for (const visitor of [curl, undici, requests]) matrix(visitor);
