import type { Gpa } from '../../../src/core/bits.ts';
import {
  BALLOON_FEATURE,
  BALLOON_PFN_SHIFT,
  BALLOON_QUEUE,
  virtio_balloon_stat,
} from '../../../src/virtio/balloon/registers.ts';
import type { BareDevice } from './bare-device.ts';
import { PCI_WINDOW } from './pci.ts';
import { onDevice, type Play, RAM } from './play.ts';
import type { Buffer, SplitRing } from './split-ring.ts';

const { inflate, deflate, stats } = BALLOON_QUEUE;
const { STATS_VQ } = BALLOON_FEATURE;
const PAGE = 1 << BALLOON_PFN_SHIFT;
const BEYOND = 0xe000_0000;
const MMIO = 0xfebf_0000;
const LAST = 0xffff_ffff;

type Act = (rings: readonly SplitRing[], device: BareDevice) => void;
const balloon = (act: Act, ...features: readonly number[]): Play =>
  onDevice(
    'balloon',
    (device) => {
      const queues = features.includes(STATS_VQ) ? [inflate, deflate, stats] : [inflate, deflate];
      act(device.live(queues, ...features), device);
    },
    { balloon: true },
  );
const numbers = (device: BareDevice, ...pages: readonly number[]): Buffer => {
  const address = device.room(4 * pages.length);
  for (const [i, page] of pages.entries()) device.memory.store(address + 4 * i, page, 4);
  return { address, length: 4 * pages.length };
};
const pageOf = (device: BareDevice) => device.port.allocate(PAGE, PAGE) / PAGE;
const inflates = (page: number): Play =>
  balloon((rings, device) => rings[inflate]!.send(numbers(device, page)));
/** A request of so many bytes, from the number of a page on. */
const long = (length: number, address?: Gpa): Play =>
  balloon((rings, device) => {
    const request = numbers(device, pageOf(device));
    rings[inflate]!.send({ address: address ?? request.address, length });
  });
const deflates: Play = balloon((rings, device) => rings[deflate]!.send(numbers(device, pageOf(device))));

/** How tests of the balloon are played, by their numbers. */
export const BALLOON_PLAYS: Readonly<Record<string, Play>> = {
  L0002: deflates,
  L0003: long(0),
  L0004: inflates(BEYOND / PAGE),
  L0005: long(6),
  L0008: inflates(LAST),
  L0009: balloon((rings, device) => {
    const page = pageOf(device);
    rings[inflate]!.send(numbers(device, page, page));
  }),
  L0010: long(1 << 30),
  L0011: long(4, BEYOND),
  L0012: balloon((rings, device) =>
    rings[inflate]!.send({ ...numbers(device, pageOf(device)), write: true }),
  ),
  L0013: long(1),
  L0016: balloon((rings, device) => {
    const page = pageOf(device);
    for (let i = 0; i < 2; i++) rings[inflate]!.send(numbers(device, page));
  }),
  L0017: deflates,
  L0018: long(0),
  L0020: balloon(
    (rings, device) => rings[stats]!.post({ address: device.room(16), length: virtio_balloon_stat.size + 3 }),
    STATS_VQ,
  ),
  L0021: balloon((rings, device) =>
    rings[inflate]!.send(numbers(device, Math.floor(rings[inflate]!.desc / PAGE))),
  ),
  L0027: onDevice('balloon', PCI_WINDOW, { balloon: true }),
  L0028: long(RAM),
  L0033: inflates(MMIO / PAGE),
  L0039: deflates,
};
