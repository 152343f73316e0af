/** When the package was made, for files and for the changelog: SOURCE_DATE_EPOCH, else now. */
export const MADE = new Date(
  Math.floor(Number(process.env['SOURCE_DATE_EPOCH'] ?? Date.now() / 1000)) * 1000,
);
