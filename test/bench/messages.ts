/** What a busy host logs: programs, messages, and refusals among them. */
import { randomFrom } from '../support/random.ts';

export interface Message {
  readonly program: string;
  readonly pid: number;
  readonly text: string;
  readonly isRefusal: boolean;
}

/** Messages without end, the same ones for the same seed. Each `every`th is a refusal. */
export function* messages(seed: number, every = 1000): Generator<Message, never> {
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const client = () => `198.51.${random(256)}.${random(256)}`;
  const user = () => pick(['root', 'admin', 'alice', 'backup', 'git', 'oracle', 'test']);
  const others: readonly (() => [program: string, text: string])[] = [
    () => [
      'sshd',
      `Failed password for invalid user ${user()} from ${client()} port ${random(65_536)} ssh2`,
    ],
    () => [
      'sshd',
      `Accepted publickey for ${user()} from ${client()} port ${random(65_536)} ssh2: ED25519 SHA256:${random(1e9)}`,
    ],
    () => [
      'sshd',
      `Connection closed by authenticating user ${user()} ${client()} port ${random(65_536)} [preauth]`,
    ],
    () => [
      'sshd',
      `pam_unix(sshd:session): session opened for user ${user()}(uid=${random(2000)}) by (uid=0)`,
    ],
    () => ['CRON', `pam_unix(cron:session): session closed for user ${user()}`],
    () => [
      'sudo',
      `${user()} : TTY=pts/${random(9)} ; PWD=/home ; USER=root ; COMMAND=/usr/bin/apt-get update`,
    ],
    () => ['systemd', `session-${random(99_999)}.scope: Deactivated successfully.`],
    () => ['postfix/smtpd', `connect from unknown[${client()}]`],
  ];
  for (let n = 1; ; n++) {
    const isRefusal = n % every === 0;
    const from = client();
    const [program, text] = isRefusal
      ? ['sshd', `refused connect from ${from} (${from})`]
      : pick(others)();
    yield { program, pid: 1000 + random(60_000), text, isRefusal };
  }
}
