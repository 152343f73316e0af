/**
 * The states of a file of a stream. While it is read, it may be renamed, copied and truncated,
 * compressed, replaced or deleted.
 *
 *                       restart            its content was found: moveTo
 *                  ┌───────────────► closed ───────────────┐
 *                  │                                       ▼
 *   begin ───► following ◄──────── moveTo (a copy) ──── changed
 *                  │   └─ its descriptor holds something else ─┘ │
 *       rotate: it is not at the path any more                   │ abandon: there is no copy
 *                  ▼                                             ▼
 *               rotated (since a time) ──────────────────►   orphaned
 *                  │  quiet for keepRotated, or packed           │
 *                  ▼                                             ▼
 *                done  ◄──────────────────────────────────────── finish
 *
 *   following ── sleep ──► asleep ── reopen ──► following; closed if its name leads elsewhere
 *
 * - following: open; what is written to it is read. It is at the stream's path, as far as we know.
 * - asleep: the same, but closed while nothing is written to it.
 * - rotated: open; another file took its path at that time, and it is still read for late writers.
 * - changed: truncated; what it held is somewhere else. Nothing is open until that is found.
 * - orphaned: what it held was not found. All that is left is the beginning of a last line.
 * - closed: not open yet: known from a saved position, or not to be opened for now.
 * - done: read to its end for good. Remembered, to distinguish older files from newer ones.
 */
import type { Content } from './content.ts';

export type State =
  | { readonly is: 'closed' | 'asleep' | 'done' }
  | { readonly is: 'following'; readonly content: Content }
  | { readonly is: 'rotated'; readonly content: Content; readonly since: number }
  | { readonly is: 'changed' | 'orphaned'; readonly since: number | null };
