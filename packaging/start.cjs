/**
 * The main script of the executable: runs the bundle, with what was compiled for the verb when the
 * executable was built (see code-cache.ts). Code for other Nodes and processors is left out, and V8
 * compiles at run time.
 */
const { getAssetKeys, getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

const assets = new Set(getAssetKeys());
const key = [`code/${process.argv[2]}`, 'code/--version'].find((name) => assets.has(name));
const script = new Script(Buffer.from(getRawAsset('denywatch.cjs')).latin1Slice(), {
  filename: 'denywatch.cjs',
  ...(key !== undefined && { cachedData: Buffer.from(getRawAsset(key)) }),
});
script.runInThisContext()(require, module, exports);
