/**
 * Leaves out what is not needed: first halves, then smaller pieces, in the end single elements (Zeller and Hildebrandt,
 * Simplifying and Isolating Failure-Inducing Input, 2002).
 *
 * @param stillSo whether fewer elements show what all of them show.
 * @param deadline when to stop, by `performance.now()`.
 */
export function shorten<T>(
  all: readonly T[],
  stillSo: (fewer: readonly T[]) => boolean,
  deadline: number,
): readonly T[] {
  let kept = all;
  for (let size = Math.ceil(all.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    // From the end: what comes late rests on what came early.
    for (let at = kept.length - size; at > -size && performance.now() < deadline; at -= size) {
      const fewer = [...kept.slice(0, Math.max(0, at)), ...kept.slice(at + size)];
      if (stillSo(fewer)) kept = fewer;
    }
  }
  return kept;
}

/**
 * The least whole number from 1 to `most` for which `so` holds; `so(most)` does, and whatever holds for a number is
 * taken to hold for larger ones.
 */
export function least(most: number, so: (number: number) => boolean): number {
  let [low, high] = [1, most];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (so(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}
