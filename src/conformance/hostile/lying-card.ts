import { type Gpa, swap32 } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { SLOT_BYTES } from '../../gvnic/registers/admin.ts';
import { GVNIC_BAR, REGISTERS_SIZE } from '../../gvnic/registers/bar0.ts';
import { GvnicNic } from '../../machine/devices/gvnic.ts';
import type { Machine } from '../../machine/machine.ts';
import { behind } from '../broken/behind.ts';
import { CardWords, type Words } from '../broken/card-words.ts';
import type { ActiveLie } from './lie.ts';

/** Has the gVNICs of a machine tell a lie in RAM. */
export function lieInRam({ nics }: Machine, active: ActiveLie): void {
  const { card } = active.lie;
  if (card === undefined) return;
  const tell = (told: () => boolean | undefined) => {
    if (active.isDue()) active.tell(told() === true);
  };
  const { random } = active;
  for (const nic of nics) {
    if (!(nic instanceof GvnicNic)) continue;
    const { memory } = nic.device;
    const at = (address: Gpa, length: number): Words | null => {
      const range = memory.find(address, length);
      return range && { view: range.view, at: address - range.base };
    };
    CardWords.of(nic.device, {
      answered: (words, opcode) => {
        const slot = new Uint8Array(words.view.buffer, words.view.byteOffset + words.at, SLOT_BYTES).slice();
        tell(() => card.answered?.({ words, opcode, slot, at }, random));
      },
      counted: (words) => tell(() => card.counted?.(words, random)),
      completed: (words) => tell(() => card.completed?.(words, random)),
      received: (entries, isDqo) => tell(() => card.received?.(entries, isDqo, random)),
    });
  }
}

/** The port with a lie in what registers of gVNICs read as. */
export function lyingRegisters({ nics }: Machine, port: GuestPort, active: ActiveLie): GuestPort {
  const { cardRegister } = active.lie;
  if (cardRegister === undefined) return port;
  const before = new Map<number, number>();
  return behind(port, {
    read: (address, width) => {
      const value = port.read(address, width);
      const offset = offsetOf(nics, address);
      if (offset < 0 || width !== 4) return value;
      const times = before.get(address) ?? 0;
      before.set(address, times + 1);
      const said = cardRegister(offset, swap32(value) >>> 0, times) >>> 0;
      active.tell(said !== swap32(value) >>> 0);
      return swap32(said) >>> 0;
    },
  });
}

/** -1 for an address that is no register of a gVNIC. */
function offsetOf(nics: Machine['nics'], address: Gpa): number {
  for (const nic of nics) {
    const mapped = nic.type === 'gvnic' ? barOf(nic.fn) : null;
    if (mapped !== null && address >= mapped && address < mapped + REGISTERS_SIZE) return address - mapped;
  }
  return -1;
}

function barOf({ bars }: Machine['nics'][number]['fn']): Gpa | null {
  return bars.find(({ index }) => index === GVNIC_BAR.registers)?.mapped ?? null;
}
