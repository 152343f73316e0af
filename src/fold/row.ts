/** Checks for rows that are loaded: another version, or somebody else, may have written them. */

export const isList = (value: unknown): value is unknown[] => Array.isArray(value);
export const isNumber = (value: unknown): value is number => Number.isFinite(value);
export const isText = (value: unknown): value is string => typeof value === 'string';

/** The most bytes that a name takes in memory. */
export const textBytes = (name: string | null) => 2 * (name?.length ?? 0);
