/** Machines that differ so much, in their seeds as well, that this many answers do not serve them cost what they cost without. */
const MOST = 1024;

/**
 * `make`, which gives what it gave before where it is asked the same: an answer is not to be changed by who gets it.
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
