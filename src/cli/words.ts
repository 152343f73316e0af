/** What a shell completes an argument to. */

/** Stands for the names of hosts that the machine knows. */
export const HOSTS = '@hosts';

/** No words: a shell completes file names. */
export type Words = readonly string[] | typeof HOSTS;
