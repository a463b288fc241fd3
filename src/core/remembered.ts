/** Answers kept. A workload with more different machines and seeds runs as slowly as without this cache. */
const MOST = 1024;

/**
 * `make` with a cache: the same question gives the same answer, which its receivers must not change.
 *
 * @param key what the answer depends on, as plain data.
 */
export function remembered<Asked, Answer>(
  make: (asked: Asked) => Answer,
  key: (asked: Asked) => unknown,
): (asked: Asked) => Answer {
  const answers = new Map<string, Answer>();
  return (asked) => {
    const name = JSON.stringify(key(asked));
    const known = answers.get(name);
    if (known !== undefined) return known;
    if (answers.size === MOST) answers.clear();
    const answer = make(asked);
    answers.set(name, answer);
    return answer;
  };
}
