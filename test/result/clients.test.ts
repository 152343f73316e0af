import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import { clientPattern, clientProblem } from '../../src/result/clients.ts';

/** A client by name or address. */
const from = (client: string, address: string | null = null) => ({ client, address });
const at = (address: string) => ({ client: address, address });

const MATCHES: Readonly<Record<string, readonly [yes: unknown[], no: unknown[]]>> = {
  '192.0.2.': [
    [at('192.0.2.1'), at('192.0.2.255')],
    [at('192.0.20.1'), from('192.0.2.evil.net')],
  ],
  '10.': [[at('10.9.8.7')], [at('100.0.0.1')]],
  '.example.org': [
    [from('a.example.org', '192.0.2.1'), from('a.b.EXAMPLE.org')],
    [from('example.org'), from('a.example.org.evil.net'), at('192.0.2.1')],
  ],
  '192.0.2.10-192.0.2.20': [
    [at('192.0.2.10'), at('192.0.2.20')],
    [at('192.0.2.9'), at('192.0.2.21')],
  ],
  '2001:db8::1-2001:db8::ff': [[at('2001:db8::80')], [at('2001:db8::100')]],
  '131.155.72.0/255.255.254.0': [[at('131.155.73.9')], [at('131.155.74.0')]],
  '192.0.2.0/0.0.0.0': [[at('8.8.8.8')], [at('::1')]],
  '[2001:db8::]/32': [[at('2001:db8:ffff::1')], [at('2001:db9::1')]],
  '[2001:db8::1]': [[at('2001:db8:0:0::1')], [at('2001:db8::2')]],
  '::ffff:192.0.2.1': [[at('192.0.2.1')], [at('192.0.2.2')]],
  'fe80::1%eth0': [[at('fe80::1%eth1')], [at('fe80::2')]],
  LOCAL: [[from('web1')], [from('web1.example.org'), at('192.0.2.1'), at('::1'), from('unknown')]],
  ALL: [[at('192.0.2.1'), { client: null, address: null }], []],
  unknown: [[from('unknown')], [{ client: null, address: null }]],
  'pc?.example.*': [[from('pc1.example.org')], [from('pc10.example.org')]],
  '192.0.2.1?': [[at('192.0.2.17')], [at('192.0.2.1')]],
  'host-1.example.org': [[from('host-1.example.org')], [from('host')]],
};

test('clients are taken as hosts.allow writes them', () => {
  for (const [entry, [yes, no]] of Object.entries(MATCHES)) {
    assert.equal(clientProblem(entry), null, entry);
    const isClient = clientPattern([entry]);
    for (const client of yes as ReturnType<typeof from>[])
      assert.ok(isClient(client), `${entry} ${client.client}`);
    for (const client of no as ReturnType<typeof from>[])
      assert.ok(!isClient(client), `${entry} ${client.client}`);
  }
});

test('what has no meaning here is refused with what to write', () => {
  const refused: Readonly<Record<string, RegExp>> = {
    '!192.0.2.1': /! has no meaning here; write an exception as a rule of its own before this one/,
    'ALL EXCEPT 192.0.2.1': /EXCEPT has no meaning here; write an exception/,
    '192.0.2.1, 192.0.2.2': /names several clients: write each as an item of a list/,
    '192.0.2.1 192.0.2.2': /names several clients/,
    '@trusted': /netgroups are not looked up; name their hosts/,
    'root@192.0.2.1': /contains a user: name the user under 'user'/,
    '/etc/clients': /files are not read; name their clients here/,
    KNOWN: /is in no log line/,
    '192.0.2': /neither an address nor a name: write a network as 192\.0\.2\. or 192\.0\.2\.0\/24/,
    '300.1.1.1': /neither an address nor a name/,
    '300.': /neither an address nor a name/,
    '2001:db8:': /neither an address nor a name/,
    '10/8': /must be a network such as/,
    '10.0.0.0/33': /must be a network such as/,
    '10.0.0.0/255.0.255.0': /must be a network such as/,
    '10.0.0.0/8/8': /must be a network such as/,
    '192.0.2.20-192.0.2.10': /must be a range such as/,
    '192.0.2.1-9': /must be a range such as/,
    '192.0.2.1-2001:db8::1': /must be a range such as/,
  };
  for (const [entry, says] of Object.entries(refused))
    assert.match(clientProblem(entry) ?? '', says, entry);
});

test('an entry is refused, or is for some client: none is accepted and dead', () => {
  const piece = fc.constantFrom(
    '192.0.2.',
    '1',
    '10',
    '.',
    '/',
    '-',
    '::',
    'db8',
    '*',
    '!',
    'a',
    '24',
  );
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
      const entry = pieces.join('');
      if (clientProblem(entry) !== null) return;
      const isClient = clientPattern([entry]);
      const plain = entry.replaceAll('*', 'x').replace(/^\./, 'x.');
      const [first = ''] = plain.split(/[/-]/);
      const candidates = [plain, first, `${first}1`, `${first}0.1`, `${first}0.0.1`, '192.0.2.1'];
      const ok = candidates.some((name) => isClient(from(name, name)));
      assert.ok(ok || /^[\d.]+-[\d.]+$|\//.test(entry), entry);
    }),
    { numRuns: 2000 },
  );
});
