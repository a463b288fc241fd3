import type { Random } from '../../core/random.ts';
import type { Lie } from './lie.ts';
import type { UsedEntry } from './used-ring.ts';

const HALF = 0x1_0000;
/** More than any header has, and less than a page. */
const [A_HEADER, BEYOND] = [10, 4096];
const FAR = [0xffff, 0x7fff_ffff, 0xffff_ffff] as const;

function sets(entry: UsedEntry, changes: { readonly id?: number; readonly length?: number }): boolean {
  const { id, length } = entry;
  Object.assign(entry, changes);
  return entry.id !== id || entry.length !== length;
}

/** One that was never lent, so that no driver can have offered it meanwhile. */
function strangeId({ ring }: UsedEntry, random: Random): number | null {
  const from = random.below(ring.size);
  for (let i = 0; i < ring.size; i++) {
    const id = (from + i) % ring.size;
    if (!ring.everLent.has(id) && !ring.isLent(id)) return id;
  }
  return null;
}

/** Lies of a used length; only of a chain that was written, since of others legacy devices return anything. */
function lengthLie(
  clause: Lie['clause'],
  name: string,
  lengthOf: (entry: UsedEntry, random: Random) => number,
): Lie {
  return {
    clause,
    name,
    used: (entry, random) => entry.length > 0 && sets(entry, { length: lengthOf(entry, random) }),
  };
}

/** Lies of a device about the chains that it used. */
export const RING_LIES: readonly Lie[] = [
  {
    clause: 'hard/USED-ID-FREE',
    name: 'a used id that they never lent',
    lentTwiceIsCrash: true,
    used(entry, random) {
      const id = strangeId(entry, random);
      return id !== null && sets(entry, { id });
    },
  },
  {
    clause: 'hard/USED-ID-TWICE',
    name: 'a used id that comes twice',
    used: (entry) => {
      const { last } = entry.ring;
      return last !== null && !entry.ring.isLent(last) && sets(entry, { id: last });
    },
  },
  {
    clause: 'hard/USED-ID-RANGE',
    name: 'a used id beyond the ring',
    used: (entry, random) => {
      const { size } = entry.ring;
      const near = size + random.below(HALF - size);
      return sets(entry, { id: [near, ...FAR][random.below(1 + FAR.length)]! });
    },
  },
  lengthLie('hard/USED-LENGTH-ZERO', 'a used length of 0', () => 0),
  lengthLie(
    'hard/USED-LENGTH-SHORT',
    'a used length that no header has',
    (_, random) => 1 + random.below(A_HEADER - 1),
  ),
  lengthLie(
    'hard/USED-LENGTH-LONG',
    'a used length beyond the buffer',
    ({ writable }, random) => writable.length + 1 + random.below(BEYOND),
  ),
  lengthLie('hard/USED-LENGTH-HUGE', 'a used length of 7fffffff', () => 0x7fff_ffff),
  lengthLie('hard/USED-LENGTH-ONES', 'a used length of ffffffff', () => 0xffff_ffff),
  {
    clause: 'hard/USED-INDEX-AHEAD',
    name: 'a used ring that moves on by too much',
    published: (ring, random) => ring.move(1 + random.below(2 * ring.size)),
  },
  {
    clause: 'hard/USED-INDEX-BACK',
    name: 'a used ring that goes back',
    published: (ring, random) => ring.move(-1 - random.below(ring.size)),
  },
  {
    clause: 'hard/USED-FLAGS',
    name: 'hints of a ring that change at random',
    published(ring, random) {
      ring.hint(random.below(HALF), random.below(HALF));
      return true;
    },
  },
];
