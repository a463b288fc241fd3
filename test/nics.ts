import { type NicDriver, virtioNet } from '../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../src/index.ts';

type NicOptions = NonNullable<MachineOptions['nics']>[number];

/** Sixty bytes, broadcast, of an experimental type: the shortest frame a card sends, which no receiver interprets. */
export const FRAME = Uint8Array.from({ length: 60 }, (_, i) =>
  i < 6 ? 0xff : i === 12 ? 0x88 : i === 13 ? 0xb5 : i,
);

/** A machine with a modern card, and the reference driver that accepts all of the offer. */
export function modern(options: NicOptions, more: MachineOptions = {}) {
  const machine = gceN1({ virtio: 'modern', nics: [options], ...more });
  const nic: NicDriver = machine.attach(virtioNet({ interrupts: 'polled' }));
  return { machine, nic, card: machine.nics[0]! };
}

/** All frames that the driver has got. */
export function received(nic: NicDriver): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let one = nic.receive(); one !== null; one = nic.receive()) frames.push(one);
  return frames;
}
