import assert from 'node:assert/strict';
import test from 'node:test';
import { MonitorError } from '../../../src/monitor/error.ts';
import { knownBy, verdictOf } from '../../../src/monitor/icinga2/answer.ts';

const SERVICE = { host: 'firestorm', service: 'TCP Wrappers' };

/** What becomes of a result that this is the answer to. */
function judge(status: number, body: object | string): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  try {
    const answer = { status, type: 'application/json', body: text };
    const verdict = verdictOf(answer, 'icinga', SERVICE);
    return verdict.kind === 'taken' ? 'taken' : `refused: ${verdict.reason}`;
  } catch (error) {
    assert.ok(error instanceof MonitorError);
    return `${error.kind}!`;
  }
}

const result = (code: number, status: string) => ({ results: [{ code, status }] });

void test('only what Icinga has processed is taken: it says 200 of what it ignores, too', () => {
  assert.equal(
    judge(200, result(200, "Successfully processed check result for object 'x'.")),
    'taken',
  );
  const ignored = result(200, 'Ignoring passive check result for unreachable object x');
  assert.match(judge(200, ignored), /^refused: Icinga did not take it: Ignoring passive/);
  assert.match(judge(200, { results: [] }), /^protocol!/);
});

void test('what is about the object sets the result aside, by name', () => {
  const unknown = { error: 404, status: 'No objects found.' };
  assert.equal(
    judge(404, unknown),
    'refused: Icinga does not know firestorm!TCP Wrappers (or the user may not see it)',
  );
  assert.match(
    judge(403, result(403, 'Passive checks are disabled for x')),
    /^refused: .*no passive/,
  );
  assert.match(
    judge(409, result(409, 'Newer check result\u001b')),
    /^refused: .*: Newer check result\?$/,
  );
  assert.match(judge(500, result(500, 'Action execution failed')), /^refused: Icinga refuses it/);
  assert.match(
    judge(400, { error: 400, status: 'Invalid request body' }),
    /^refused: Icinga refuses/,
  );
});

void test('what is about more than the result sets nothing aside', () => {
  assert.equal(judge(503, result(503, 'Action skipped: Shutting down.')), 'busy!');
  assert.equal(judge(503, { error: 503, status: 'Shutting down.' }), 'busy!');
  assert.equal(judge(401, { error: 401, status: 'Unauthorized.' }), 'unauthorised!');
  assert.equal(judge(403, { error: 403, status: 'Missing permission' }), 'unauthorised!');
  assert.equal(judge(404, '<html>'), 'protocol!');
  assert.equal(judge(500, { error: 500, status: 'Unhandled exception' }), 'protocol!');
  for (const body of [
    '',
    'null',
    '[]',
    '{"results":5}',
    '{"results":[null]}',
    '{"results":[[]]}',
  ]) {
    assert.equal(judge(200, body), 'protocol!', body);
  }
});

function known(status: number, body: object) {
  return knownBy({ status, type: '', body: JSON.stringify(body) }, 'icinga');
}

void test('a request without an exit status shows what Icinga knows', () => {
  assert.equal(known(400, result(400, "Parameter 'exit_status' is required.")), 'known');
  assert.equal(known(403, result(403, "Parameter 'exit_status' is required.")), 'known');
  assert.equal(known(403, result(403, 'Passive checks are disabled for x')), 'active');
  assert.equal(known(404, { error: 404, status: 'No objects found.' }), 'unknown');
});
