/**
 * The table of refusals: one row for each message with which a program reports that TCP wrappers
 * refused a connection. To add a program, add a row in `formats/` and a line of its log to
 * test/parse/corpus.txt.
 *
 * A pattern is anchored at both ends of the message, so that no text that a client chose (an ident
 * user, an SSH user name, a service's name) can be read as a refusal, or as another client.
 * Patterns have no nested quantifiers, and messages are bounded, so that matching is linear in the
 * length.
 */
import type { Format } from './format.ts';
import { LIBWRAP } from './formats/libwrap.ts';
import { OWN_FILES } from './formats/own-files.ts';
import { SERVERS } from './formats/servers.ts';
import { SOURCES_ONLY } from './formats/sources-only.ts';

/** The first matching row counts. */
export const FORMATS: readonly Format[] = [...LIBWRAP, ...SERVERS, ...SOURCES_ONLY, ...OWN_FILES];
