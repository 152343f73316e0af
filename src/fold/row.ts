/** What rows are checked by when they are loaded: another version, or somebody else, wrote them. */

export const isList = (value: unknown): value is unknown[] => Array.isArray(value);
export const isNumber = (value: unknown): value is number => Number.isFinite(value);
export const isText = (value: unknown): value is string => typeof value === 'string';

/** Bytes of a name in memory, at most. */
export const textBytes = (name: string | null) => 2 * (name?.length ?? 0);
