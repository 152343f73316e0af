/** Everyday logs that are the worst for a search: their words are those of refusals. */
import { randomFrom } from '../support/random.ts';

export interface Mixture {
  readonly name: string;
  /** A message and its tag; of each the same ones for the same numbers. */
  readonly message: (n: number, random: (below: number) => number) => string;
}

const MAIL = 'postfix/smtp[812]: 4F2A1: to=<user@example.org>, relay=none, delay=30';

/** Near misses: none of them is a refusal by TCP wrappers. */
export const MIXTURES: readonly Mixture[] = [
  {
    name: 'one line in six "Connection refused"',
    message: (n, random) =>
      n % 6 === 0
        ? `postfix/smtp[${random(60_000)}]: connect to mx.example.org[198.51.100.${random(256)}]:25: Connection refused`
        : `sshd[${random(60_000)}]: Failed password for root from 198.51.100.${random(256)} port ${random(65_536)} ssh2`,
  },
  {
    name: 'a mail log, every line "Connection refused"',
    message: (_, random) =>
      `${MAIL}, dsn=4.4.1, status=deferred (connect to mx.example.org[198.51.100.${random(256)}]:25: Connection refused)`,
  },
  {
    name: 'mail, docker and SELinux lines',
    message: (n, random) => {
      const client = `198.51.100.${random(256)}`;
      const others = [
        `postfix/smtpd[${random(60_000)}]: NOQUEUE: reject: RCPT from unknown[${client}]: 554 5.7.1 Client host [${client}] blocked using zen.example.org; from=<a@example.net>`,
        `dockerd[901]: time="2026-11-22T21:56:43Z" level=error msg="Handler for POST /v1.43/containers returned error: dial tcp ${client}:2375: connect: connection refused"`,
        `audit[1]: AVC avc:  denied  { read } for  pid=${random(60_000)} comm="nginx" name="index.html" dev="sda1" ino=${random(99_999)} tclass=file permissive=0`,
        `named[77]: client @0x7f ${client}#${random(65_536)} (example.org): query (cache) 'example.org/A/IN' denied`,
        `kernel: [UFW BLOCK] IN=eth0 OUT= SRC=${client} DST=192.0.2.1 LEN=40 PROTO=TCP DPT=${random(65_536)}`,
        `nginx[55]: 2026/11/22 21:56:43 [error] 55#55: *1 connect() failed (111: Connection refused) while connecting to upstream, client: ${client}`,
      ];
      return others[n % others.length]!;
    },
  },
];

/** Lines of a mixture without end, as Debian's rsyslog writes them. */
export function* mixed({ message }: Mixture): Generator<string, never> {
  const random = randomFrom(5);
  const start = Date.UTC(2026, 10, 22);
  for (let n = 0; ; n++) {
    const time = new Date(start + 43 * n).toISOString().replace('Z', '000+00:00');
    yield `${time} firestorm ${message(n, random)}`;
  }
}
