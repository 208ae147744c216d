// Nothing has to be set for Loopwire. In an application of your own its tests find this by themselves.
'use strict';

module.exports = { testMatch: ['**/*.test.js'] };
