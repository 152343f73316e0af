import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { SendNscaConfigError } from '../../../src/monitor/client-config.ts';
import { readSendNscaConfig } from '../../../src/monitor/nsca/send-nsca-config.ts';
import { tempDir } from '../../support/temp.ts';

function read(t: TestContext, text: string | Buffer) {
  const path = join(tempDir(t), 'send_nsca.cfg');
  writeFileSync(path, text);
  const { password, method } = readSendNscaConfig(path);
  return { password: password.toString('latin1'), method };
}

void test('the password is all after the first =, blanks at the end included', (t) => {
  const text = '# a comment\n\npassword= =se cret=  \nencryption_method=14\n';
  assert.deepEqual(read(t, text), { password: ' =se cret=  ', method: 14 });
});

void test("without settings it is send_nsca's default: xor without a password", (t) => {
  assert.deepEqual(read(t, '#password=x\n'), { password: '', method: 1 });
});

void test('a password that is not UTF-8 keeps its bytes', (t) => {
  assert.equal(read(t, Buffer.from('password=\xe9\xff', 'latin1')).password, '\xe9\xff');
});

void test('what send_nsca reads is read as it does: comments, a BOM, CR, its own names', (t) => {
  const files: [string, string, number][] = [
    ['password=a\nencryption_method=3 # 3des\n', 'a', 3],
    ['\ufeffpassword=a\n encryption_method = 3\n', 'a', 3],
    ['password=a\r\nencryption_method=3\r\n', 'a\r', 3],
    ['password=a # mine\nencryption_method=3des\n', 'a # mine', 3],
    ['password=old\nmy_password=a=b\nencryption_method=3', 'a=b', 3],
  ];
  for (const [text, password, method] of files) {
    assert.deepEqual(read(t, Buffer.from(text)), { password, method }, JSON.stringify(text));
  }
});

void test("a file of NSCA-ng's client is no mistake in line 1, but another monitor", (t) => {
  assert.throws(() => read(t, 'identity = "gw"\npassword = "x"\n'), {
    message: /belongs to NSCA-ng's client: name the monitor as nsca-ng: HOST/,
  });
});

void test('mistakes are named with file and line', (t) => {
  const mistakes: [string, RegExp][] = [
    ['#\nnonsense\n', /send_nsca\.cfg, line 2: a setting is written name=value/],
    ['password=\n', /line 1: a setting is written name=value/],
    ['pasword=x\n', /line 1: send_nsca has no setting "pasword"/],
    ['encryption_method=aes\n', /line 1: encryption_method must be a number/],
    ['encryption_method=7\n', /line 1: nsca itself cannot use its method 7 \(3way\)/],
    ['encryption_method=99\n', /line 1: nsca has no encryption method 99/],
  ];
  for (const [text, message] of mistakes) {
    assert.throws(() => read(t, text), { name: SendNscaConfigError.name, message });
  }
  assert.throws(() => readSendNscaConfig('/nonexistent/send_nsca.cfg'), {
    message: /can't read \/nonexistent\/send_nsca\.cfg: no such file/,
  });
});
