/**
 * Removes unneeded elements: first halves, then smaller pieces, finally single elements (Zeller and Hildebrandt,
 * Simplifying and Isolating Failure-Inducing Input, 2002).
 *
 * @param stillSo whether fewer elements reproduce the result of all.
 * @param deadline when to stop, by `performance.now()`.
 */
export function shorten<T>(
  all: readonly T[],
  stillSo: (fewer: readonly T[]) => boolean,
  deadline: number,
): readonly T[] {
  let kept = all;
  for (let size = Math.ceil(all.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    // From the end, since later elements depend on earlier ones.
    for (let at = kept.length - size; at > -size && performance.now() < deadline; at -= size) {
      const fewer = [...kept.slice(0, Math.max(0, at)), ...kept.slice(at + size)];
      if (stillSo(fewer)) kept = fewer;
    }
  }
  return kept;
}

/**
 * The minimum whole number from 1 to `most` for which `so` is true; `so(most)` is, and `so` is assumed to be
 * monotonic.
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
