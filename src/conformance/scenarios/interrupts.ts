import { Random } from '../../core/random.ts';
import type { Machine } from '../../machine/machine.ts';
import { type Fixture, mayGiveUp } from './fixture.ts';
import { BROADCAST, framesOf, PEER } from './frames.ts';
import { plain, type SuiteScenario, withOptions } from './scenario.ts';

/** Virtual nanoseconds from the used ring to the interrupt, and from a kick until it is noticed: no driver's patience ends so soon. */
const [LATE, NOTICE] = [5_000_000, 2_000_000];
/** A count that is never reached: only time sends the interrupt. */
const NEVER = 32_768;
const SOON = 20_000;
const MERGED = { coalesce: { interrupts: NEVER, within: 100_000 } };
/** One for the configuration, and one for one of the queues. */
const FEW = 2;
/** What PCI has room for. */
const MOST = 2048;
const PROCESSORS = 4;
/** Rounds, each longer than a driver is busy with what one brought; and frames in each. */
const [TIMES, PAUSE, FRAMES] = [4, 150_000_000, 3];

/** A driver may report that the device failed, and is then not used. */
function refuseVectors({ start, use }: Fixture): void {
  if (mayGiveUp(start)) use();
}

/** COM1's. */
const SERIAL_IRQ = 4;

/** Uses the driver again and again, lets frames come, and lets it wait. */
function usesAndWaits({ machine, start, use }: Fixture): void {
  start();
  const random = new Random(machine.seed);
  for (let i = 0; i < TIMES; i++) {
    use();
    comeIn(machine, random);
    machine.port.wait(() => false, PAUSE);
  }
}

/** Frames that all came before the card interrupts once; then none, for long. */
function framesTogether({ machine, start, use }: Fixture): void {
  start();
  use();
  const random = new Random(machine.seed);
  for (let i = 0; i < TIMES; i++) {
    comeIn(machine, random);
    machine.port.wait(() => false, PAUSE);
  }
  use();
}

function comeIn({ nics }: Machine, random: Random): void {
  for (const nic of nics) nic.receive(...framesOf(random, FRAMES, BROADCAST, PEER));
}

function lineFlickers({ machine, start, use }: Fixture): void {
  start();
  use();
  machine.glitch(SERIAL_IRQ);
  machine.port.wait(() => false, NOTICE);
  use();
}

/** The kinds of interrupts of devices, and their delays. */
export const INTERRUPTS: readonly SuiteScenario[] = [
  {
    name: 'functions without MSI-X',
    why: 'there is a line, and ISR says which function raised it',
    needs: ['virtio'],
    options: withOptions({ msix: { vectors: 0 } }),
  },
  {
    name: 'functions without MSI-X, whose configuration may have changed when a buffer comes back',
    why: 'ISR has both bits, and reading it clears them',
    needs: ['drivers'],
    provokes: ['virtio/PCI-ISR-IMP-1'],
    options: withOptions({
      msix: { vectors: 0 },
      completion: { latency: SOON, interrupts: { configuration: 2 } },
    }),
    act: usesAndWaits,
  },
  {
    name: 'frames that come together, with one interrupt',
    why: 'no other interrupt follows for those that are left in the ring',
    needs: ['net'],
    options: (base) => ({ ...plain(base), completion: { interrupts: MERGED } }),
    act: framesTogether,
  },
  {
    name: 'functions with one vector',
    why: 'one message stands for every queue and for the configuration',
    needs: ['virtio'],
    options: withOptions({ msix: { vectors: 1 } }),
  },
  {
    name: 'functions with 2048 vectors each',
    why: 'the table is longer than any driver needs, which is no error',
    needs: ['virtio'],
    provokes: ['virtio/MSIX-D1'],
    options: withOptions({ msix: { table: MOST } }),
  },
  {
    name: 'functions that refuse vectors',
    why: 'a queue whose vector was refused never interrupts',
    meets: ['virtio/INIT-D11'],
    needs: ['virtio', 'drivers'],
    options: withOptions({ msix: { mappings: FEW } }),
    act: refuseVectors,
  },
  {
    name: 'a serial line that flickers',
    why: 'a request that is gone when the processor asks arrives as IRQ 7, which no device raised and no EOI ends',
    meets: ['pic/SPURIOUS'],
    act: lineFlickers,
  },
  {
    name: 'interrupts that come late',
    why: 'a buffer may have been used, and even taken, long before',
    needs: ['virtio or gvnic'],
    options: withOptions({ completion: { interrupts: { coalesce: { interrupts: NEVER, within: LATE } } } }),
  },
  {
    name: 'devices that notice kicks late',
    why: 'a kick is not an answer: the device has not taken what is in the ring',
    needs: ['virtio or gvnic'],
    options: withOptions({ completion: { notice: NOTICE } }),
  },
  {
    name: 'devices that notice kicks late, and ask not to be kicked meanwhile',
    why: 'the ring says whether a kick is wanted, and this changes',
    needs: ['virtio'],
    meets: ['virtio/VQ-AVSUP'],
    provokes: ['virtio/PACKED-IMP-14'],
    options: withOptions({ completion: { notice: NOTICE, hush: true } }),
  },
  {
    name: 'rings that say elsewhere that no kick is needed',
    why: 'avail_event counts with EVENT_IDX alone, and used.flags without it',
    needs: ['virtio'],
    meets: ['virtio/VQ-AVSUP'],
    options: withOptions({ kickDecoys: true }),
  },
  {
    name: 'a NIC with a pair of queues for each of four processors',
    why: 'queues are where the number of pairs has them, and each has its vector',
    needs: ['card'],
    options: ({ vcpus = 1, ...base }) => ({ ...base, vcpus: Math.max(vcpus, PROCESSORS) }),
  },
];
