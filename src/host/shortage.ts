const CODES: ReadonlySet<unknown> = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM']);

/**
 * Whether this process or the system is out of descriptors, processes or memory: the error says
 * nothing of the file or the program that was to be opened, and passes.
 */
export function isShortage(error: unknown): error is NodeJS.ErrnoException {
  return CODES.has((error as NodeJS.ErrnoException | undefined)?.code);
}
