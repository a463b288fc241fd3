import { expect, test } from 'vitest';
import { AccessTrail } from '../../../core/access.ts';
import { Journal } from '../../../core/journal.ts';
import { GuestMemory } from '../../../core/memory.ts';
import {
  PVIRTQ_DESC_F,
  PVIRTQ_EVENT,
  pvirtq_desc,
  pvirtq_event_suppress,
  virtq_desc,
} from '../../../virtio/registers.ts';
import { AstrayRing } from './astray.ts';

const DESC = 0x1_0000;
const AVAIL = DESC + 0x1000;
const SIZE = 256;

/** A legacy ring whose entries 6 to 8 are flags, an index and an entry to a look from sixteen bytes on. */
function lookalike(): AstrayRing {
  const memory = GuestMemory.of(1 << 20);
  const clock = { now: 0 };
  const ring = new AstrayRing(new Journal(clock, new AccessTrail(clock)), memory);
  ring.placed(
    { desc: DESC, driver: AVAIL, device: DESC + 0x2000, size: SIZE, packed: false, endian: 'le' },
    true,
  );
  memory.write(DESC + virtq_desc.size, virtq_desc.encode({ addr: 0x8000n, len: 64 }));
  memory.write(AVAIL + 16, Uint8Array.of(0, 0, 1, 0, 0, 0));
  return ring;
}

test('a ring from which the device takes chains did not go astray, whatever its entries look like', () => {
  expect(lookalike().search(true, 0)).toBeNull();
});

test('one from which it took nothing may have', () => {
  expect(lookalike().search(false, 0)).toBe(
    'buffers are made available at 00010010: a legacy ring begins at a page',
  );
});

test.each([512, 1024, 2048])('a ring whose address was divided by %i is found', (unit) => {
  const memory = GuestMemory.of(4 << 20);
  const clock = { now: 0 };
  const ring = new AstrayRing(new Journal(clock, new AccessTrail(clock)), memory);
  const own = (DESC / 4096) * unit;
  ring.placed(
    { desc: DESC, driver: AVAIL, device: DESC + 0x2000, size: SIZE, packed: false, endian: 'le' },
    true,
  );
  memory.write(own, virtq_desc.encode({ addr: 0x8000n, len: 64 }));
  memory.write(own + 0x1000, Uint8Array.of(0, 0, 1, 0, 0, 0));

  expect(ring.search(false, 0)).toMatch(/^buffers are made available at .*, and takes address \/ 4096$/);
});

test('a packed ring whose driver wants no interrupts is no split ring', () => {
  const memory = GuestMemory.of(1 << 20);
  const clock = { now: 0 };
  const ring = new AstrayRing(new Journal(clock, new AccessTrail(clock)), memory);
  ring.placed(
    { desc: DESC, driver: AVAIL, device: AVAIL + 4, size: SIZE, packed: true, endian: 'le' },
    false,
  );
  memory.write(DESC, pvirtq_desc.encode({ addr: 0x8000n, len: 64, id: 0, flags: PVIRTQ_DESC_F.AVAIL }));
  memory.write(AVAIL, pvirtq_event_suppress.encode({ desc: 0, flags: PVIRTQ_EVENT.DISABLE }));

  expect(ring.search(false, 0)).toBeNull();
});

test('a packed ring with a descriptor of the next lap in it has no gap', () => {
  const memory = GuestMemory.of(1 << 20);
  const clock = { now: 0 };
  const ring = new AstrayRing(new Journal(clock, new AccessTrail(clock)), memory);
  ring.placed({ desc: DESC, driver: AVAIL, device: AVAIL + 4, size: 4, packed: true, endian: 'le' }, false);
  const put = (slot: number, flags: number) =>
    memory.write(
      DESC + slot * pvirtq_desc.size,
      pvirtq_desc.encode({ addr: 0x8000n, len: 64, id: slot, flags }),
    );
  const { AVAIL: NEW, USED } = PVIRTQ_DESC_F;
  // The device stands at 2, in the second lap: 0 and 1 are lent in it, 2 and 3 came back in the first.
  for (const [slot, flags] of [USED, USED, NEW | USED, NEW].entries()) put(slot, flags);

  const well = ring.search(true, 2);
  put(3, USED);
  const gap = ring.search(true, 2);

  expect(well).toBeNull();
  expect(gap).toBe('descriptor 3 is available, and the device waits for 2: a packed ring has no gaps');
});
