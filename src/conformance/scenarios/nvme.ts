import type { Nanos } from '../../core/bits.ts';
import { Random } from '../../core/random.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { MemoryMedium } from '../../media/memory.ts';
import { WriteBackMedium } from '../../media/write-back.ts';
import { type Fixture, later, mayGiveUp } from './fixture.ts';
import { Disk, pass } from './frames.ts';
import { cutsAfterFlush, writesInVain } from './power-cut.ts';
import { plain, type SuiteScenario, startAndUse } from './scenario.ts';

type ControllerChoice = NonNullable<MachineOptions['nvme']>[number];

const MIB = 1 << 20;
const MILLISECOND: Nanos = 1_000_000;
/** From a command to its end; and when something happens, within the first. */
const [SOON, LATE, MEANWHILE] = [50_000, 400_000, 130_000];
/** Writes, and blocks of one: more than a command moves. */
const [TIMES, BLOCKS_MOST] = [6, 700];
/** Bytes of the first ones: a page, two, three and four. PRP2 is none, a page, and then a list. */
const EDGES = [4096, 8192, 12_288, 16_384];
/** A count that is never reached: only time sends the interrupt. */
const MERGED = { coalesce: { interrupts: 32_768, within: 100_000 }, spurious: 2 };
/** Less than CAP.TO says. */
const [SLOW_START, SLOW_STOP] = [7_000_000_000, 2_000_000_000];
/** Drivers wait 30 s for a command, and 60 s for one of the admin queue. */
const PATIENT = 40;

/** One controller with these choices beside the user's own, and no disk but its own. */
export function nvmeWith(more: ControllerChoice = {}) {
  return (base: MachineOptions): MachineOptions => {
    const { nvme: [one] = [], ...others } = plain(base);
    return { ...others, disks: [], nvme: [{ ...one, namespaces: [{ bytes: MIB }], ...more }] };
  };
}

function namespacesOf({ machine }: Fixture) {
  return machine.nvme[0]!.namespaces;
}

/** Blocks are written and read, and no byte of the disk is another than it must be. */
export function moves(fixture: Fixture): void {
  const random = new Random(fixture.machine.seed);
  const [namespace] = namespacesOf(fixture);
  const { blockSize } = namespace!;
  const disk = new Disk({ disks: [namespace!] }, random, blockSize);
  fixture.start();
  for (let time = 0; time < EDGES.length + TIMES; time++) {
    const edge = EDGES[time];
    const blocks =
      edge === undefined ? 1 + random.below(Math.min(BLOCKS_MOST, disk.blocks)) : Math.ceil(edge / blockSize);
    const lba = random.below(disk.blocks - blocks + 1);
    const bytes = new Uint8Array(blocks * blockSize);
    random.fill(bytes);
    fixture.write(lba, bytes);
    disk.demandWritten(lba, bytes);
    disk.demandRead(lba, blocks, fixture.read(lba, blocks));
  }
  disk.demandContent();
}

/** They may give up, and again; but it works at last, if need be on a machine that was reset. */
function recovers({ machine, start, use }: Fixture): void {
  mayGiveUp(use);
  pass(machine, MILLISECOND);
  if (!mayGiveUp(use)) {
    machine.reset('hard');
    start();
  }
  use();
}

function failsMeanwhile(fixture: Fixture): void {
  const { machine } = fixture;
  startAndUse(fixture);
  later(machine, () => machine.nvme[0]!.fail(), MEANWHILE);
  recovers(fixture);
  machine.nvme[0]!.fail();
  recovers(fixture);
}

function isLost(fixture: Fixture): void {
  const [controller] = fixture.machine.nvme;
  startAndUse(fixture);
  for (let time = 0; time < 2; time++) {
    controller!.loseInterrupt();
    mayGiveUp(fixture.use);
    fixture.use();
  }
}

function isSlow(fixture: Fixture): void {
  startAndUse(fixture);
  fixture.machine.nvme[0]!.stall(1);
  recovers(fixture);
}

function failsToStart({ machine, start, use }: Fixture): void {
  machine.nvme[0]!.fail();
  mayGiveUp(start);
  machine.reset('hard');
  start();
  use();
}

/** The other one works on. */
function pulledOut({ machine, start, use }: Fixture): void {
  start();
  use();
  later(machine, () => machine.removeNvme(machine.nvme.at(-1)!), MEANWHILE);
  mayGiveUp(use);
  machine.reset('hard');
  start();
  use();
}

/** What NVMe controllers do. */
export const NVME: readonly SuiteScenario[] = [
  {
    name: 'NVMe commands that end late, and overtake each other',
    why: 'a completion names its command, and data is there when it came, not before',
    needs: ['nvme', 'read', 'write'],
    options: nvmeWith({ completion: { latency: [SOON, LATE], order: 'random' } }),
    act: moves,
  },
  {
    name: 'an NVMe controller that looks at its queues late',
    why: 'a command of the admin queue, too, is done when its completion is there',
    needs: ['nvme'],
    once: true,
    options: nvmeWith({ latency: SOON }),
  },
  {
    name: 'interrupts of an NVMe controller that are merged, late, and more than are needed',
    why: 'one interrupt stands for many completions, and for none',
    needs: ['nvme', 'read', 'write'],
    options: nvmeWith({ completion: { latency: SOON, interrupts: MERGED } }),
    act: moves,
  },
  {
    name: 'an NVMe controller with one vector',
    why: 'one message stands for all queues',
    needs: ['nvme'],
    once: true,
    options: nvmeWith({ vectors: 1 }),
  },
  {
    name: 'an NVMe controller without MSI-X',
    why: 'there is a line, which stays high while entries wait',
    needs: ['nvme'],
    once: true,
    options: nvmeWith({ vectors: 0 }),
  },
  {
    name: 'an interrupt of an NVMe controller that is lost',
    why: 'a driver that waits for it alone waits for ever: it looks at the queue at last',
    needs: ['nvme'],
    once: true,
    times: PATIENT,
    options: nvmeWith(),
    act: isLost,
  },
  {
    name: 'an NVMe command that never ends',
    why: 'it is aborted, or the controller reset, before its memory is used again',
    needs: ['nvme'],
    once: true,
    provokes: ['nvme/ABORT-LIMIT'],
    times: PATIENT,
    options: nvmeWith(),
    act: isSlow,
  },
  {
    name: 'an NVMe controller with one pair of queues, of four entries at most',
    why: 'CAP.MQES limits a queue, what Set Features grants their number, and a full queue waits',
    needs: ['nvme', 'read', 'write'],
    options: nvmeWith({ queues: 1, entries: 4 }),
    act: moves,
  },
  {
    name: 'an NVMe controller whose doorbells are 64 bytes apart',
    why: 'CAP.DSTRD says where the doorbell of a queue is',
    needs: ['nvme'],
    once: true,
    options: nvmeWith({ queues: 2, dstrd: 4 }),
  },
  {
    name: 'an NVMe controller that takes 7 s to start',
    why: 'CAP.TO says how long RDY may take',
    needs: ['nvme'],
    once: true,
    times: 3,
    options: nvmeWith({ times: { enable: SLOW_START, disable: SLOW_STOP } }),
  },
  {
    name: 'an NVMe controller that fails as it starts',
    why: 'with CSTS.CFS it will not be ready: only a reset helps',
    needs: ['nvme'],
    once: true,
    times: PATIENT,
    options: nvmeWith(),
    act: failsToStart,
  },
  {
    name: 'an NVMe controller that fails while they use it',
    why: 'nothing that was asked for is answered: only a reset helps',
    needs: ['nvme'],
    once: true,
    provokes: ['nvme/CFS-RESET'],
    times: PATIENT,
    options: nvmeWith({ completion: { latency: LATE } }),
    act: failsMeanwhile,
  },
  {
    name: 'an NVMe controller that is pulled out while they use it',
    why: 'its registers read all ones, and the other one goes on',
    needs: ['nvme'],
    once: true,
    times: PATIENT,
    options: (base) => {
      const { nvme = [], ...rest } = nvmeWith({ completion: { latency: LATE } })(base);
      const model = nvme[0]!.model === 'nvme_card' ? 'nvme_card-pd' : 'nvme_card';
      return { ...rest, nvme: [...nvme, { ...nvme[0], model }] };
    },
    act: pulledOut,
  },
  {
    name: 'power that fails once they flushed an NVMe disk',
    why: 'with a volatile write cache only what was flushed is there afterwards',
    needs: ['nvme', 'write', 'flush'],
    options: (base) =>
      nvmeWith({ namespaces: [{ medium: new WriteBackMedium(new MemoryMedium(MIB), { seed: 1 }) }] })(base),
    act: (fixture) => cutsAfterFlush(fixture, namespacesOf(fixture), namespacesOf(fixture)[0]!.blockSize),
  },
  {
    name: 'an NVMe machine that is reset in the middle of writes',
    why: 'completed writes are there, and nothing that was asked for before will be answered',
    needs: ['nvme', 'read', 'write'],
    options: nvmeWith({ completion: { latency: [SOON, LATE], order: 'random' } }),
    act: (fixture) =>
      writesInVain(fixture, namespacesOf(fixture), 'hard', namespacesOf(fixture)[0]!.blockSize),
  },
];
