// In place of what our dependencies load and we never use, see build.ts.
module.exports = {};
