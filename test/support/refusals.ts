import { hostname } from 'node:os';

/** A line as Debian's rsyslog writes it when sshd refuses a client, without its newline. */
export function refusal(client: string, pid: number, at: Date = new Date()): string {
  return `${at.toISOString()} ${hostname()} sshd[${pid}]: refused connect from ${client} (${client})`;
}
