import assert from 'node:assert/strict';
import test from 'node:test';
import { MonitorError } from '../../../src/monitor/error.ts';
import { allTaken, takesNothing } from '../../../src/monitor/nrdp/answer.ts';

/** Two results were sent; this came back. */
function judge(body: string, type = 'application/json', size = 1000): string {
  const answer = { status: 200, type, body };
  try {
    allTaken({ answer, where: 'nrdp', format: 'json', basic: false, count: 2, size });
    return 'taken';
  } catch (error) {
    assert.ok(error instanceof MonitorError);
    return `${error.kind}: ${error.message}`;
  }
}

const good = (output: string) =>
  JSON.stringify({ result: { status: 0, message: 'OK', meta: { output } } });
const bad = (message: string, information = '') =>
  JSON.stringify({ result: { status: -1, message, information } });

void test('results are taken when NRDP has processed as many as were sent', () => {
  assert.equal(judge(good('2 checks processed')), 'taken');
  assert.equal(judge(good('2 checks processed.')), 'taken');
  const xml =
    '<?xml version="1.0" encoding="utf-8"?>\n<result>\n  <status>0</status>\n  <message>OK</message>\n' +
    '    <meta>\n       <output>2 checks processed.</output>\n    </meta>\n</result>\n';
  assert.equal(judge(xml, 'text/xml'), 'taken');
  assert.equal(judge(`<br /><b>Warning</b>: chgrp(): x\n${good('2 checks processed')}`), 'taken');
});

void test('another number is not taken for all, nor a status without one', () => {
  assert.equal(judge(good('1 checks processed')), 'too-large: nrdp has processed 1 of 2 results');
  assert.equal(judge(good('20 checks processed')), 'too-large: nrdp has processed 20 of 2 results');
  assert.match(judge(good('')), /^too-large: nrdp has processed an unknown number of 2/);
  assert.match(judge('{"response":{"status":0,"message":"OK","version":"2"}}'), /unknown number/);
});

void test('what is no answer of NRDP is said to be none, whatever it has in it', () => {
  for (const body of [
    '',
    '{}',
    '[]',
    'null',
    '{"result":null}',
    '{"result":{}}',
    '<status>0</status>',
  ]) {
    assert.match(judge(body), /^protocol: nrdp answers application\/json that is not NRDP's/, body);
  }
  assert.match(judge('NO REQUEST HANDLER'), /has no plugin for check results/);
  assert.match(judge('<html>', 'text/html', 200_000), /^too-large: nrdp drops a request/);
});

void test('every word of failure has a sentence; an unknown one is shown without its escapes', () => {
  assert.match(judge(bad('BAD TOKEN')), /^unauthorised: nrdp does not know the token/);
  assert.match(judge(bad('NO TOKENS')), /^unauthorised: nrdp has no authorized_tokens/);
  assert.match(judge(bad('NO TOKEN')), /^protocol: nrdp does not get what is sent to it/);
  assert.match(judge(bad('NO TOKEN'), 'x', 200_000), /^too-large: .*post_max_size/);
  assert.match(judge(bad('BAD JSON', 'Syntax error')), /^too-large: .*\(BAD JSON, Syntax error\)/);
  assert.equal(judge(bad('NEW\u001b[31m', 'a\nb')), 'refused: nrdp refuses: NEW?[31m, a b');
});

/** Judges an answer to an empty document. */
function offered(body: string): () => void {
  const answer = { status: 200, type: 'text/xml', body };
  const common = { where: 'nrdp', format: 'json', basic: false, count: 0, size: 100 } as const;
  return () => takesNothing({ answer, ...common });
}

void test('an old NRDP that reads no empty document has looked at the token', () => {
  assert.doesNotThrow(offered(good('0 checks processed')));
  assert.doesNotThrow(offered(bad('BAD XML')));
  assert.throws(offered(bad('BAD TOKEN')), { kind: 'unauthorised' });
  assert.throws(offered(bad('BAD CHECK RESULTS DIR')), { kind: 'command-file' });
});
