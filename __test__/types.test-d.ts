// The public types, as a user writes against them; `tsc --noEmit` is the test.

import loopwire = require('loopwire');
import { getVersionInfo } from 'loopwire';

const version: string = getVersionInfo();
const same: string = loopwire.getVersionInfo();

// @ts-expect-error: it takes no argument
getVersionInfo(1);

export { same, version };
