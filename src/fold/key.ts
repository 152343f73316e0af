/** What denials are told apart by. */
import type { Denial } from '../parse/denial.ts';

/**
 * Who was refused: the address where the line has one. A name may be the attacker's own text (sslh,
 * conman and diod do not verify it) or change with each lookup; the address does neither.
 */
export function sourceOf(denial: Denial): string {
  return denial.address ?? denial.client ?? 'unknown';
}

/** Denials of one key are repeats of each other. NUL can be in none of the parts. */
export function keyOf(denial: Denial): string {
  return `${denial.host ?? ''}\0${denial.daemon}\0${sourceOf(denial)}`;
}
