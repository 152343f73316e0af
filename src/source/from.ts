/** Where a first start begins; null where it is not configured. */
export type From = 'start' | 'end' | null;

/** The values of `from`. */
export const FROM: Readonly<Record<string, From>> = { start: 'start', end: 'end' };
