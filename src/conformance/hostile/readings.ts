import type { Random } from '../../core/random.ts';
import type { FunctionView } from '../../machine/function-view.ts';
import { CAPABILITIES_POINTER, CAPABILITY_ID, MSIX_TABLE } from '../../pci/registers.ts';
import type { HardId } from '../../rules/hard.ts';
import { LSR } from '../../serial/registers.ts';
import { virtio_pci_cap } from '../../virtio/transport/modern/registers.ts';
import type { Lie, ReadPlace } from './lie.ts';

const { THRE, TEMT, DR } = LSR.mask;
const { cap_next, bar, offset: reach } = virtio_pci_cap.offset;
/** MSI-X has the table's BAR and offset in one word. */
const [TABLE, TABLE_END] = [MSIX_TABLE.offset, MSIX_TABLE.offset + MSIX_TABLE.width];
const RESERVED_BAR = 7;
const MOST_CAPABILITIES = 48;

type Value = (place: ReadPlace, value: number, random: Random) => number;

function register(clause: HardId, name: string, what: ReadPlace['what'], value: Value): Lie {
  return {
    clause,
    name,
    register: (place, honest, random) => (place.what === what ? value(place, honest, random) : honest),
  };
}

/** Places of a function's capabilities. */
function listOf(fn: FunctionView): number[] {
  const places: number[] = [];
  let at = fn.readConfig(CAPABILITIES_POINTER.offset, 1);
  for (; at !== 0 && places.length < MOST_CAPABILITIES; at = fn.readConfig(at + cap_next, 1)) places.push(at);
  return places;
}

/** Lies about the capability in which `offset` lies. */
function capability(
  clause: HardId,
  name: string,
  tell: (id: number, within: number, value: number) => number,
): Lie {
  return {
    clause,
    name,
    space(fn, offset, value) {
      const at = listOf(fn).findLast((one) => offset > one && offset < one + virtio_pci_cap.size);
      return at === undefined ? value : tell(fn.readConfig(at, 1), offset - at, value);
    },
  };
}

/** Lies in registers. */
export const REGISTER_LIES: readonly Lie[] = [
  register(
    'hard/CONFIG-CHANGES',
    'a configuration that differs at each reading',
    'configuration',
    (_, value, random) => value ^ (1 + random.below(0xff)),
  ),
  register(
    'hard/CONFIG-SHRINKS',
    'a configuration that is all 0 after the first reading',
    'configuration',
    ({ before }, value) => (before === 0 ? value : 0),
  ),
  register('hard/CONFIG-ZERO', 'a configuration that is all 0', 'configuration', () => 0),
  register('hard/CONFIG-ONES', 'a configuration that is all ones', 'configuration', () => 0xffff_ffff),
  register(
    'hard/CONFIG-GENERATION',
    'a configuration generation that never stays',
    'generation',
    ({ before }) => before + 1,
  ),
  register(
    'hard/FEATURES-CHANGE',
    'features that differ at the second reading',
    'features',
    ({ before }, value, random) => (before === 0 ? value : value ^ random.next()),
  ),
  register('hard/QUEUE-SIZE-ZERO', 'queues of no entries', 'queue size', () => 0),
  register('hard/QUEUE-SIZE-ODD', 'queues of an odd size', 'queue size', (_, value, random) =>
    value === 0 ? 0 : [3, value - 1, 0xffff][random.below(3)]!,
  ),
  register('hard/STATUS-STUCK', 'a device status that never reads 0', 'status', (_, value) => value || 0xff),
  {
    clause: 'hard/PCI-LIST-LOOP',
    name: 'a capability list that loops',
    space(fn, offset, value) {
      const list = listOf(fn);
      return list.length > 0 && offset === list.at(-1)! + cap_next ? list[0]! : value;
    },
  },
  capability('hard/PCI-LIST-BEYOND', 'a capability that reaches beyond its BAR', (id, at, value) => {
    if (id === CAPABILITY_ID.VENDOR && at >= reach && at < virtio_pci_cap.size) return 0xff;
    return id === CAPABILITY_ID.MSIX && at > TABLE && at < TABLE_END ? 0xff : value;
  }),
  capability('hard/PCI-LIST-BAR', 'a capability whose BAR is reserved', (id, at, value) => {
    if (id === CAPABILITY_ID.VENDOR && at === bar) return RESERVED_BAR;
    return id === CAPABILITY_ID.MSIX && at === TABLE ? value | RESERVED_BAR : value;
  }),
  register('hard/UART-ONES', 'a UART that reads ff everywhere', 'uart', () => 0xff),
  register('hard/UART-THRE', 'a UART that never has room', 'uart', ({ offset }, value) =>
    offset === LSR.offset ? value & ~(THRE | TEMT) : value,
  ),
  register('hard/UART-DATA', 'a UART that always has another character', 'uart', ({ offset }, value) =>
    offset === LSR.offset ? value | DR : value,
  ),
];
