/**
 * fast-check with a seed that is always the same, so that a red run is a fault of the change under
 * test and not of luck. `FC_SEED=random` tries others; a failure names its seed, which FC_SEED takes.
 */
import * as fc from 'fast-check';

const SEED = 20_261_122;

const asked = process.env['FC_SEED'];
if (asked !== 'random') fc.configureGlobal({ seed: asked === undefined ? SEED : Number(asked) });

export * from 'fast-check';
export { default } from 'fast-check';
