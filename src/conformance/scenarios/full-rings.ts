import type { Nanos } from '../../core/bits.ts';
import { Random } from '../../core/random.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { DataError, demandFrames } from './differences.ts';
import type { Fixture } from './fixture.ts';
import { BROADCAST, Disk, demandSent, framesOf, PEER, passUntil, receiveAll, sendAll } from './frames.ts';
import { plain, type SuiteScenario } from './scenario.ts';

const SMALL = 16;
/** The shortest ring of a gVNIC, and more than it has room for. */
const [GVNIC_SMALL, GVNIC_FRAMES] = [256, 600];
/** Three requests do not fit, whose 64 segments the adapter allows each. */
const FEW_REQUESTS = 128;
const [FRAMES, SHORT] = [100, 60];
/** Virtual time in which the device gives nothing back, well below any driver's patience. */
const HOLDS: Nanos = 1_000_000;
/** Indices of a split ring have 16 bits. */
const WRAP = 0x1_0000;
const [BURST, LARGE_BURST] = [256, 600];
const COUNTER_AT = 14;

function sendsMore(fixture: Fixture): void {
  fixture.start();
  const { machine } = fixture;
  const [nic] = machine.nics;
  const random = new Random(machine.seed);
  const count = nic!.type === 'gvnic' ? GVNIC_FRAMES : FRAMES;
  const frames = framesOf(random, count, BROADCAST, nic!.mac).map((frame) => frame.subarray(0, SHORT));
  sendAll(fixture, frames);
  passUntil(machine, () => nic!.sentTotal >= frames.length);
  demandSent(nic!, nic!.sent, frames);
}

function movesMore(fixture: Fixture): void {
  const random = new Random(fixture.machine.seed);
  const disk = new Disk(fixture.machine, random);
  fixture.start();
  disk.demandRead(0, disk.blocks, fixture.read(0, disk.blocks));
  const bytes = disk.blank();
  random.fill(bytes);
  fixture.write(0, bytes);
  disk.demandWritten(0, bytes);
}

function receivesBurst(fixture: Fixture): void {
  fixture.start();
  const { machine } = fixture;
  const [nic] = machine.nics;
  const burst = framesOf(new Random(machine.seed), LARGE_BURST, nic!.mac, PEER);
  nic!.receive(...burst);
  demandFrames('out of use.receive()', receiveAll(fixture, burst.length), burst);
}

/** Each frame contains its number. */
function receivesThemAll(fixture: Fixture): void {
  fixture.start();
  const [nic] = fixture.machine.nics;
  const [frame] = framesOf(new Random(fixture.machine.seed), 1, nic!.mac, PEER);
  const view = new DataView(frame!.buffer);
  const burst = Array.from({ length: BURST }, () => frame!);
  for (let turn = 0; turn <= WRAP / BURST; turn++) {
    view.setUint32(COUNTER_AT, turn);
    nic!.receive(...burst);
    const got = receiveAll(fixture, BURST);
    if (got.length !== BURST)
      throw new DataError(`${got.length} of ${BURST} frames came, after ${turn * BURST} that all came`);
    demandFrames(`out of use.receive(), after ${turn * BURST} others`, got, burst);
  }
}

function holding(base: MachineOptions): MachineOptions {
  const { nics, ...rest } = plain(base);
  return {
    ...rest,
    nics: [{ ...nics![0], ringSize: nics![0]!.type === 'gvnic' ? GVNIC_SMALL : SMALL }],
    scsi: { ...base.scsi, ringSize: FEW_REQUESTS },
    completion: { latency: HOLDS },
  };
}

function short(base: MachineOptions): MachineOptions {
  const { nics, ...rest } = plain(base);
  return { ...rest, nics: [{ ...nics![0], ringSize: BURST }] };
}

function small(base: MachineOptions): MachineOptions {
  const { nics, ...rest } = plain(base);
  return {
    ...rest,
    nics: [{ ...nics![0], ringSize: BURST }],
    judge: base.judge === false ? false : { stores: false },
  };
}

/** Rings that are full, and rings that have been full often. */
export const FULL_RINGS: readonly SuiteScenario[] = [
  {
    name: 'more to send than a ring has room for, while the device holds what it has',
    why: 'a frame that does not fit waits, or its sender is told; it is not lost',
    provokes: ['virtio/NET-IMP-14', 'virtio/PACKED-IMP-8'],
    needs: ['virtio or gvnic', 'send'],
    options: holding,
    act: sendsMore,
  },
  {
    name: 'more to read and write than a ring has room for, while the disk holds what it has',
    why: 'a request that does not fit waits',
    provokes: ['virtio/PACKED-IMP-8', 'virtio/SCSI-IMP-4'],
    needs: ['scsi', 'read', 'write'],
    options: holding,
    act: movesMore,
  },
  {
    name: 'more frames at once than a ring has room for',
    why: 'buffers that a handler gives back are used before it is done, and cause no interrupt while it wants none',
    needs: ['net', 'receive'],
    options: short,
    act: receivesBurst,
  },
  {
    name: 'so many frames that the indices of a ring begin anew',
    why: 'after 65535 comes 0, and 0 is not less than 65535',
    needs: ['net', 'receive'],
    once: true,
    options: small,
    act: receivesThemAll,
  },
];
