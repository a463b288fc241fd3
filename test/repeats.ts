/** `npm run test:long` repeats until there is confidence; other runs repeat just enough to see that all of it works. */
const isLong = process.env['GUESTRIG_REPEATS'] === 'all';

/** How often a test does again what it does: `few` times on each change, `many` before a release. */
export function repeats(few: number, many: number): number {
  return isLong ? many : few;
}
