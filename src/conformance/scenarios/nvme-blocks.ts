import { Random } from '../../core/random.ts';
import { type DiskFault, FaultyMedium } from '../../media/faulty.ts';
import { BLOCK } from '../../media/medium.ts';
import type { NvmeFunction } from '../../nvme/function.ts';
import { Namespace } from '../../nvme/namespace.ts';
import { demandBytes } from './differences.ts';
import { type Fixture, mayGiveUp } from './fixture.ts';
import { Disk } from './frames.ts';
import { moves, nvmeWith } from './nvme.ts';
import { failsToFlush, UnsafeMedium } from './power-cut.ts';
import type { SuiteScenario } from './scenario.ts';

const MIB = 1 << 20;
/** Bytes of a namespace whose last blocks have numbers of 33 bits, and one of these. */
const [LARGE, FAR] = [3 * 2 ** 40, 2 ** 32 + 5];
/** Commands, at most: of two queues of 1024 entries each goes round twice. And how often each queue is to. */
const [MOST, LAPS] = [4200, 2];
/** Blocks of a command, and what fails to be read and to be written. */
const FEW = 8;
const [UNREADABLE, UNWRITABLE] = [2 * FEW, 6 * FEW];
const FAULTS: readonly DiskFault[] = [
  { kind: 'read', lba: UNREADABLE + 3, blocks: 1 },
  { kind: 'write', lba: UNWRITABLE + 3, blocks: 1 },
];

function firstOf({ machine }: Fixture) {
  const { fn, namespaces } = machine.nvme[0]!;
  return { controller: (fn as unknown as NvmeFunction).controller, namespace: namespaces[0]! };
}

/** Entries of all completion queues but that of the admin queue. */
function entriesOf(fixture: Fixture): number {
  const { completions } = firstOf(fixture).controller.queues;
  return completions.slice(1).reduce((sum, queue) => sum + (queue?.size ?? 0), 0);
}

function goesRound(fixture: Fixture): void {
  const { namespace } = firstOf(fixture);
  const disk = new Disk({ disks: [namespace] }, new Random(fixture.machine.seed), namespace.blockSize);
  fixture.start();
  for (let done = 0; done < Math.min(MOST, LAPS * entriesOf(fixture) + FEW); done++) {
    const lba = done % disk.blocks;
    disk.demandRead(lba, 1, fixture.read(lba, 1));
  }
}

function movesFar(fixture: Fixture): void {
  const { medium } = firstOf(fixture).namespace;
  const bytes = new Uint8Array(FEW * BLOCK);
  new Random(fixture.machine.seed).fill(bytes);
  fixture.start();
  fixture.write(FAR, bytes);
  const there = new Uint8Array(bytes.length);
  medium.read(FAR * BLOCK, there, 0, there.length);
  demandBytes(`the disk after use.write() of ${FEW} blocks from ${FAR} on`, there, bytes);
  demandBytes(`use.read() of ${FEW} blocks from ${FAR} on`, fixture.read(FAR, FEW), bytes);
}

/** A driver may report what failed in any way: it throws, or returns fewer bytes. */
function failsToMove(fixture: Fixture): void {
  const { controller, namespace } = firstOf(fixture);
  const { nsid, medium } = namespace;
  const random = new Random(fixture.machine.seed);
  const disk = new Disk({ disks: [namespace] }, random);
  const details = { blockSize: BLOCK, vendorText: '', nguid: '' };
  controller.attach(new Namespace(nsid, new FaultyMedium(medium, FAULTS), details));
  fixture.start();
  for (const lba of [0, UNREADABLE, FEW]) {
    let got = new Uint8Array();
    mayGiveUp(() => {
      got = Uint8Array.from(fixture.read(lba, FEW));
    });
    if (got.length >= FEW * BLOCK) disk.demandRead(lba, FEW, got);
  }
  for (const lba of [UNWRITABLE - FEW, UNWRITABLE, UNWRITABLE + FEW]) {
    const bytes = new Uint8Array(FEW * BLOCK);
    random.fill(bytes);
    if (mayGiveUp(() => fixture.write(lba, bytes))) disk.demandWritten(lba, bytes);
  }
}

/** Where blocks of NVMe controllers are, and how many commands move them. */
export const NVME_BLOCKS: readonly SuiteScenario[] = [
  {
    name: 'so many NVMe commands that queues go round several times',
    why: 'the phase tells a new entry from one of the lap before, and a full queue waits for its head',
    needs: ['nvme', 'read'],
    once: true,
    times: 10,
    options: nvmeWith(),
    act: goesRound,
  },
  {
    name: 'an NVMe controller, and RAM for its driver above 4 GiB alone',
    why: 'an address cut to 32 bits is not RAM',
    needs: ['nvme', 'read', 'write'],
    options: (base) => ({
      ...nvmeWith()(base),
      memory: { below4G: 32 * MIB, above4G: 64 * MIB, driversAbove4G: true },
    }),
    act: moves,
  },
  {
    name: 'an NVMe namespace of more than 2^32 blocks',
    why: 'the number of a block has 64 bits',
    needs: ['nvme', 'read', 'write'],
    once: true,
    options: nvmeWith({ namespaces: [{ bytes: LARGE, blockSize: BLOCK }] }),
    act: movesFar,
  },
  {
    name: 'NVMe namespaces whose numbers have gaps',
    why: 'the first need not be 1, nor the next one more',
    needs: ['nvme'],
    once: true,
    options: nvmeWith({
      namespaces: [
        { bytes: MIB, nsid: 3 },
        { bytes: MIB, nsid: 7 },
      ],
    }),
  },
  {
    name: 'an NVMe controller that moves 8 KiB by a command at most',
    why: 'what is more than MDTS allows takes several commands',
    needs: ['nvme', 'read', 'write'],
    options: nvmeWith({ mdts: 1 }),
    act: moves,
  },
  {
    name: 'an NVMe disk with blocks that cannot be read, or written',
    why: 'if the status is not 0, the buffer holds no data, and the disk none that was written',
    meets: ['nvme/RETRY'],
    needs: ['nvme', 'read', 'write'],
    once: true,
    options: nvmeWith({ namespaces: [{ bytes: MIB, blockSize: BLOCK }] }),
    act: failsToMove,
  },
  {
    name: 'an NVMe disk that fails to flush',
    why: 'the status of Flush is that of what was written before',
    needs: ['nvme', 'write', 'flush'],
    options: (base) => nvmeWith({ namespaces: [{ medium: new UnsafeMedium(MIB) }] })(base),
    act: (fixture) => {
      const { medium, blockSize } = firstOf(fixture).namespace;
      failsToFlush(fixture, medium, blockSize);
    },
  },
];
