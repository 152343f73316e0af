import assert from 'node:assert/strict';
import test from 'node:test';
import { Parser, readLine } from '../../src/parse/parser.ts';
import { datingBy } from '../../src/parse/time.ts';

const NOW = Date.UTC(2026, 10, 23);
const REFUSED = 'refused connect from 192.0.2.9 (192.0.2.9)';
const isRelay = (host: string) => host.startsWith('relay');

/** The denial in a line after its time. */
function denialIn(rest: string) {
  return readLine(`2026-11-22T21:56:43Z ${rest}`, datingBy(NOW))?.denial ?? null;
}

/** Host and second of a line's time, as it is read where some hosts are relays. */
function read(line: string): string | null {
  const found = readLine(line, datingBy(NOW), isRelay);
  if (found === null) return null;
  const { host, at, client } = found.denial;
  assert.equal(client, '192.0.2.9', line);
  return `${host} ${found.dated ? new Date(at).getUTCSeconds() : '-'}`;
}

void test('host and time are those of the outer header, unless that is of a relay', () => {
  const inner = [
    `2026-11-22T21:56:43Z web1 sshd[1]: ${REFUSED}`,
    `<38>2026-11-22T21:56:43Z web1 sshd[1]: ${REFUSED}`,
    `1 2026-11-22T21:56:43Z web1 sshd 1 - - ${REFUSED}`,
    `<38>1 2026-11-22T21:56:43Z web1 sshd 1 - - ${REFUSED}`,
  ];
  for (const each of inner) {
    assert.equal(read(`2026-11-22T21:56:55Z gw ${each}`), 'gw 55', each);
    assert.equal(read(`2026-11-22T21:56:55Z relay1 ${each}`), 'web1 43', each);
    assert.equal(
      read(`2026-11-22T21:56:56Z relay2 2026-11-22T21:56:55Z relay1 ${each}`),
      'web1 43',
    );
    assert.equal(read(`2026-11-22T21:56:56Z relay2 2026-11-22T21:56:55Z gw ${each}`), 'gw 55');
    assert.equal(read(`2026-11-22T21:56:56Z gw 2026-11-22T21:56:55Z relay1 ${each}`), 'gw 56');
  }
});

void test('what a relay puts in front of the tag names the host', () => {
  const time = '2026-11-22T21:56:43Z';
  assert.equal(read(`${time} relay1 web1 sshd[1]: ${REFUSED}`), 'web1 43');
  assert.equal(read(`${time} relay1 10.0.0.7 sshd[1]: ${REFUSED}`), '10.0.0.7 43');
  assert.equal(read(`${time} relay1 Message forwarded from web1: sshd[1]: ${REFUSED}`), 'web1 43');
  assert.equal(read(`${time} gw Message forwarded from web1: sshd[1]: ${REFUSED}`), 'gw 43');
  assert.equal(read(`${time} gw web1 sshd[1]: ${REFUSED}`), null);
  assert.equal(read(`${time} relay1 sshd[1]: ${REFUSED}`), 'relay1 43');
});

void test('a local user forges nothing but a line of the own host', () => {
  const forged = `2026-11-22T21:56:43Z gw 9999-12-31T23:59:59Z otherhost sshd[1]: ${REFUSED}`;
  assert.equal(read(forged), 'gw 43');
});

void test("a record of a relay's is of the host that it got it from", () => {
  const record = { MESSAGE: REFUSED, SYSLOG_IDENTIFIER: 'sshd', HOST: 'web1' };
  assert.equal(read(JSON.stringify({ ...record, _HOSTNAME: 'gw' })), 'gw -');
  assert.equal(read(JSON.stringify({ ...record, _HOSTNAME: 'relay1' })), 'web1 -');
});

void test('headers in headers without end are not followed', () => {
  const header = '2026-11-22T21:56:43Z relay1 ';
  assert.equal(read(`${header.repeat(200)}web1 sshd[1]: ${REFUSED}`), null);
});

void test('each stream has relays of its own', () => {
  const parser = new Parser({
    isRelayOf: (stream) => (stream === 'remote' ? isRelay : () => false),
  });
  const bytes = Buffer.from(
    `2026-11-22T21:56:55Z relay1 2026-11-22T21:56:43Z web1 sshd[1]: ${REFUSED}\n`,
  );
  const hosts: (string | null)[] = [];
  for (const stream of ['remote', 'own'])
    parser.read({ stream, bytes }, { denial: ({ host }) => hosts.push(host) });
  assert.deepEqual(hosts, ['web1', 'relay1']);
});

void test('a header is read the same, whether the one before it had the same host and tag or not', () => {
  const rests = ['gw', 'gw-2.example.org', 'daemon.warn gw', 'gw:', '[::1]', ''].flatMap((host) =>
    ['sshd', 'a[b', 'in.telnetd', 'postfix/smtpd', ''].flatMap((tag) =>
      ['[7]: ', '[007]: ', '[7]:', '[7]:: ', '[7] ', '[]: ', '[12345678901]: ', ': ', '[7]]: '].map(
        (pid) => `${host} ${tag}${pid}${REFUSED}`,
      ),
    ),
  );
  const alone = rests.map((rest) => {
    denialIn(`other telnetd[1]: ${REFUSED}`);
    return denialIn(rest);
  });
  const kinds = alone.map((denial) => `${denial?.host} ${denial?.daemon} ${denial?.pid}`);
  assert.ok(new Set(kinds).size > 20);
  for (const [n, before] of rests.entries()) {
    for (const after of rests.slice(n % 9).filter((_, i) => i % 9 === 0)) {
      denialIn(before);
      assert.deepEqual(denialIn(after), alone[rests.indexOf(after)], `${before}\n${after}`);
    }
  }
});
