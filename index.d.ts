// The public types of Loopwire: the generated ones, and what the face in index.js adds to them.

export { getVersionInfo } from './binding.js';
