// In place of node:assert, which loads code that compares and explains values, 0.4 MB: what conf and
// sonic-boom call.
const { isDeepStrictEqual } = require('node:util');

function assert(value, message) {
  if (!value) throw new Error(message ?? 'assertion failed');
}
assert.deepEqual = (one, other) => assert(isDeepStrictEqual(one, other));
module.exports = assert;
