import assert from 'node:assert/strict';
import test from 'node:test';
import { RECEIVERS } from '../fleet/receivers.ts';
import { returnOf, sentenceOf } from '../fleet/return.ts';
import { needs } from '../support/packages.ts';

test(
  '50 agents return to nsca and Nagios at once, and nothing is lost or comes twice',
  needs('root', 'nsca', 'nagios4-core'),
  async (t) => {
    const fleet = { agents: 50, results: 20, outage: 4000, patience: 300_000 };
    const receiver = await RECEIVERS['nsca --single'](t, fleet.agents);
    const found = await returnOf(t, receiver, fleet);
    t.diagnostic(sentenceOf(found));
    assert.deepEqual([found.lost, found.again], [0, 0]);
  },
);
