/** Maximum number of typing errors. */
const FAR = 3;

/** The name that was probably meant: the first that ends in the input, or else the one with the fewest typing errors. */
export function nearest<T extends string>(written: string, names: readonly T[]): T | null {
  const wanted = written.toUpperCase();
  const whole = names.find((name) => name.toUpperCase().endsWith(wanted));
  if (whole !== undefined) return whole;
  const slips = names.map((name) => [name, distance(wanted, name.toUpperCase())] as const);
  const [name, far] = slips.reduce((best, one) => (one[1] < best[1] ? one : best));
  return far <= Math.min(FAR, written.length / 2) ? name : null;
}

/** Levenshtein distance: characters added, removed or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(changed, above[j]! + 1, row[j - 1]! + 1));
    }
  }
  return row[b.length]!;
}
