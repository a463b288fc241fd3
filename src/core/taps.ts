import type { Access, Tap } from './access.ts';

/** One tap that notifies `first`, if there is one, and then `second`. */
export function bothTaps(first: Tap | null, second: Tap): Tap {
  if (first === null) return second;
  return {
    begin(access: Access) {
      first.begin(access);
      second.begin(access);
    },
    end(access: Access) {
      first.end(access);
      second.end(access);
    },
  };
}
