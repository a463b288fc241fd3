import { IOREDTBL_LOW, IOREGSEL, IOWIN } from '../../chipset/registers/ioapic.ts';
import { EOI, SVR } from '../../chipset/registers/local-apic.ts';
import type { Nanos } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { MMIO } from '../../core/places.ts';
import { Random } from '../../core/random.ts';
import { PicDriver } from '../../guest/interrupts/pic.ts';
import { enable } from '../../guest/pci/config.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { COMMAND } from '../../pci/registers.ts';
import { FRAME } from '../reference.ts';
import type { Fixture } from './fixture.ts';
import { demandSending, framesOut, pass } from './frames.ts';
import { plain, type SuiteScenario, startAndUse } from './scenario.ts';
import { devicesOf, stopSurely } from './stop-surely.ts';

/** Often enough to run out of resources that are not given back. */
const TIMES = 4;
const UNDER_WAY = 12;
const AFTERWARDS = 4;
/** Those that devices can have. */
const [FIRST_VECTOR, LAST_VECTOR] = [0x20, 0xff];
/** Of the I/O APIC. */
const PINS = 24;
/** Virtual time: requests are in progress when they are cut off, and no driver gives up before. */
const [SOON, LATE]: readonly [Nanos, Nanos] = [200_000, 2_000_000];

function stopAndStart<M>(fixture: Fixture<M>, stop: (fixture: Fixture<M>) => void): void {
  for (let time = 0; time < TIMES; time++) {
    startAndUse(fixture);
    stop(fixture);
  }
}

/** The first kernel's memory still exists, and its devices go on with it. */
function crashAndStart(fixture: Fixture): void {
  const { machine, start, use } = fixture;
  for (let time = 0; time < TIMES; time++) {
    start();
    use();
    for (const nic of machine.nics) nic.receive(FRAME);
    takeOver(machine);
    for (const nic of machine.nics) nic.receive(FRAME);
  }
  start();
  use();
}

/**
 * A kernel sets the interrupt controllers up again, and ends interrupts of unused vectors. Lines are disabled until their
 * drivers attach: an unserved line would block the processor.
 */
function takeOver(machine: Machine): void {
  const { port, journal } = machine;
  machine.reset('soft');
  journal.quietly(() => {
    setUpControllers(port);
    for (const { bdf } of devicesOf(machine)) enable(port, bdf, COMMAND.mask.INTERRUPT_DISABLE);
  });
  for (let vector = FIRST_VECTOR; vector <= LAST_VECTOR; vector++)
    port.handle(vector, () => port.write(MMIO.LOCAL_APIC + EOI.offset, 0, EOI.width));
}

/** All lines are masked, and the local APIC is as firmware leaves it. */
function setUpControllers(port: GuestPort): void {
  new PicDriver(port);
  for (let pin = 0; pin < PINS; pin++) {
    port.write(MMIO.IO_APIC + IOREGSEL.offset, IOREDTBL_LOW.offset + 2 * pin, IOREGSEL.width);
    port.write(MMIO.IO_APIC + IOWIN.offset, IOREDTBL_LOW.encode({ MASK: 1 }), IOWIN.width);
  }
  port.write(MMIO.LOCAL_APIC + SVR.offset, SVR.reset | SVR.mask.ENABLE, SVR.width);
}

/** Frames in progress may be lost; frames sent afterwards must not. */
function cutOff(fixture: Fixture, cut: () => void): void {
  const { machine } = fixture;
  const [nic] = machine.nics;
  const random = new Random(machine.seed);
  const frames = () => framesOut(random, UNDER_WAY, nic!);
  for (let time = 0; time < TIMES; time++) {
    fixture.start();
    for (const frame of frames()) fixture.send(frame);
    nic!.receive(...frames());
    cut();
    pass(machine, LATE);
    fixture.start();
    demandSending(fixture, frames().slice(0, AFTERWARDS));
    cut();
  }
}

function slow(base: MachineOptions): MachineOptions {
  return { ...plain(base), completion: { latency: [SOON, LATE] } };
}

/** Drivers that are restarted. */
export const RESTARTS: readonly SuiteScenario[] = [
  {
    name: 'drivers that are stopped and started, several times',
    why: 'resources that are not given back run out, and a device that is not reset writes into the memory of others',
    meets: ['gvnic/AQ-WAIT', 'gvnic/QPL-BUSY', 'gvnic/CMD-LAST'],
    needs: ['stop'],
    act: (fixture) => stopAndStart(fixture, stopSurely),
    elsewhere: (fixture) => stopAndStart(fixture, ({ stop }) => stop()),
  },
  {
    name: 'a kernel that crashes, and another that starts without a reset of the machine',
    why: 'rings and vectors of the one before are alive until a device is reset',
    act: crashAndStart,
  },
  {
    name: 'drivers that are stopped while much is under way',
    why: 'buffers that never come back must be given up, and counted as free',
    provokes: ['virtio/PACKED-IMP-8'],
    needs: ['send', 'stop'],
    options: slow,
    act: (fixture) => cutOff(fixture, () => fixture.stop()),
  },
  {
    name: 'a machine that is reset while much is under way',
    why: 'nothing that was asked for before will be answered',
    provokes: ['virtio/PACKED-IMP-8'],
    needs: ['send'],
    options: slow,
    act: (fixture) => cutOff(fixture, () => fixture.machine.reset('hard')),
  },
];
