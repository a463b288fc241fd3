import { Random } from '../../core/random.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { BLOCK } from '../../media/medium.ts';
import type { ClauseId } from '../../rules/index.ts';
import { compareFrames } from './deliveries.ts';
import { demandFrames, inOrderOf } from './differences.ts';
import type { Fixture } from './fixture.ts';
import {
  Disk,
  demandSent,
  framesOf,
  framesOut,
  type Mover,
  PEER,
  passUntil,
  receiveAll,
  sendAll,
} from './frames.ts';
import { plain, type SuiteScenario } from './scenario.ts';

const FRAMES = 64;
/** No more than few receive buffers hold. */
const BURST = 8;
/** A block, less and more than a page of 4 KiB, a page that begins in the middle, more than 256 KiB, which one request holds. */
const SIZES = [1, 2, 7, 8, 9, 16, 31, 64, 511, 512, 513, 1500, 2048];
const [FURTHER, FURTHER_MOST] = [8, 40];
/** Virtual nanoseconds: the first request may finish last. */
const LATENCY = [1_000, 200_000] as const;
/** For this long nothing of a request is done. */
const DISK_LATENCY = 50_000;

function sends<M extends Mover>(
  fixture: Fixture<M>,
  compare: (machine: M, got: readonly Uint8Array[], due: readonly Uint8Array[]) => void = () => {},
): void {
  fixture.start();
  const { machine } = fixture;
  const [nic] = machine.nics;
  const frames = framesOut(new Random(machine.seed), FRAMES, nic!);
  sendAll(fixture, frames);
  passUntil(machine, () => nic!.sentTotal >= frames.length);
  compare(machine, nic!.sent, frames);
  demandSent(nic!, nic!.sent, frames);
}

/** @returns the frames that the driver returned, and those that were sent to it. */
function receives(fixture: Fixture): [got: Uint8Array[], due: Uint8Array[]] {
  fixture.start();
  const { machine } = fixture;
  const [nic] = machine.nics;
  const random = new Random(machine.seed);
  const frames = framesOf(random, FRAMES, nic!.mac, PEER);
  const got: Uint8Array[] = [];
  for (let at = 0; at < frames.length; ) {
    const burst = frames.slice(at, at + 1 + random.below(BURST));
    nic!.receive(...burst);
    got.push(...receiveAll(fixture, burst.length));
    at += burst.length;
  }
  // Frames that came late were taken for those of later bursts.
  got.push(...receiveAll(fixture, frames.length - got.length));
  return [got, frames];
}

export function receivesInOrder(fixture: Fixture): void {
  const frames = receives(fixture);
  compareFrames(fixture.machine, 'plain', ...frames);
  demandFrames('out of use.receive()', ...frames);
}

/** Buffers that overtake each other also reorder frames. */
function receivesInAnyOrder(fixture: Fixture): void {
  const [got, due] = receives(fixture);
  demandFrames('out of use.receive()', inOrderOf(due, got), due);
}

function reads(fixture: Fixture<Mover>): void {
  const random = new Random(fixture.machine.seed);
  const disk = new Disk(fixture.machine, random);
  fixture.start();
  for (const [lba, blocks] of extents(random, disk.blocks))
    disk.demandRead(lba, blocks, fixture.read(lba, blocks));
}

function writes(fixture: Fixture<Mover>): void {
  const random = new Random(fixture.machine.seed);
  const disk = new Disk(fixture.machine, random);
  fixture.start();
  for (const [lba, blocks] of extents(random, disk.blocks)) {
    const bytes = new Uint8Array(blocks * BLOCK);
    random.fill(bytes);
    fixture.write(lba, bytes);
    disk.demandWritten(lba, bytes);
  }
  disk.demandContent();
}

/** Each size at the beginning, at the end or somewhere; then small ones anywhere. */
function extents(random: Random, all: number): [lba: number, blocks: number][] {
  const somewhere = (blocks: number) => random.below(all - blocks + 1);
  const edges = SIZES.map((blocks, i): [number, number] => [
    [0, all - blocks, somewhere(blocks)][i % 3]!,
    blocks,
  ]);
  const further = Array.from({ length: FURTHER }, (): [number, number] => {
    const blocks = 1 + random.below(FURTHER_MOST);
    return [somewhere(blocks), blocks];
  });
  return [...edges, ...further];
}

function slow(base: MachineOptions): MachineOptions {
  return {
    ...plain(base),
    scsi: { ...base.scsi, latency: DISK_LATENCY },
    completion: { latency: [...LATENCY], order: 'random', spoil: true },
  };
}

/** More than one request holds is under way as several. */
const SEVERAL_REQUESTS: readonly ClauseId[] = [
  'virtio/SCSI-IMP-4',
  'virtio/SCSI-IMP-5',
  'virtio/SCSI-CFG-D2',
];

/** Data that goes in comes out, byte for byte. */
export const TRUTH: readonly SuiteScenario[] = [
  {
    name: 'frames of every length, that are to come out as they were sent',
    why: 'a driver that counts bytes wrong sends too few, too many, or those of the frame before',
    provokes: ['virtio/NET-IMP-12'],
    needs: ['send'],
    options: plain,
    act: (fixture) => sends(fixture, (machine, ...frames) => compareFrames(machine, 'sent', ...frames)),
    elsewhere: (fixture) => sends(fixture),
  },
  {
    name: 'frames of every length, that are to be received as they came',
    why: 'the header is not part of a frame, and a buffer is longer than its contents',
    provokes: ['virtio/NET-RXB-D3', 'virtio/NET-RX-IMP-2'],
    needs: ['receive'],
    options: plain,
    act: receivesInOrder,
  },
  {
    name: 'blocks that are to be read as they are on the disk',
    why: 'a request ends within a page, or at the most that a request may have',
    provokes: SEVERAL_REQUESTS,
    needs: ['scsi', 'read'],
    options: plain,
    act: reads,
    elsewhere: reads,
  },
  {
    name: 'blocks that are to be on the disk as they were written',
    why: 'the blocks beside them must be as they were',
    provokes: SEVERAL_REQUESTS,
    needs: ['scsi', 'write'],
    options: plain,
    act: writes,
    elsewhere: writes,
  },
  {
    name: 'frames that are to come in whole while buffers come back in any order',
    why: 'the id identifies a buffer, not the order of offering',
    provokes: ['virtio/NET-RXB-D3', 'virtio/VQ-IMP-39'],
    needs: ['receive'],
    options: slow,
    act: receivesInAnyOrder,
  },
  {
    name: 'blocks that are to be read rightly while answers overtake each other',
    why: 'the answer to one request is not the answer to another',
    provokes: SEVERAL_REQUESTS,
    needs: ['scsi', 'read'],
    options: slow,
    act: reads,
  },
  {
    name: 'blocks that are to be written before their writer goes on',
    why: 'a write is done when the disk says so, not when it was requested',
    provokes: SEVERAL_REQUESTS,
    needs: ['scsi', 'write'],
    options: slow,
    act: writes,
  },
];
