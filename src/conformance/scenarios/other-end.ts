import type { MachineOptions } from '../../machine/options.ts';
import { FRAME } from '../reference.ts';
import { type Fixture, later } from './fixture.ts';
import { sendsAll, staysSilent } from './gvnic.ts';
import { type SuiteScenario, startAndUse, withLoopback, withOptions } from './scenario.ts';

/** Entries of a ring; more frames than it has; and enough repetitions to wrap it. */
const [SMALL, FLOOD, TIMES] = [16, 300, 20];
/** A gVNIC has none that are shorter. */
const SMALL_GVNIC = 256;
const MIB = 1 << 20;
const MILLISECOND = 1_000_000;
/** Virtual nanoseconds without a link, and with one before a driver must have seen it; and frames that are sent then. */
const [DOWN, UP, AFTERWARDS] = [1_000_000_000, 5_000_000_000, 64];
/** Virtual nanoseconds between the words that are typed. */
const TYPED = Array.from({ length: 30 }, () => MILLISECOND);
/** Pages: more than one request has, some of them, and none. */
const PAGES = [300, 7, 0, 5];

const withSmallRings = (base: MachineOptions): MachineOptions => {
  const [nic] = withLoopback(base).nics!;
  const ringSize = nic!.type === 'gvnic' ? SMALL_GVNIC : SMALL;
  return { ...base, nics: [{ ...nic, ringSize }], scsi: { ringSize: 4 * SMALL } };
};

function linkFails({ machine, start, use }: Fixture): void {
  start();
  for (const link of [false, true]) {
    for (const nic of machine.nics) nic.setLink(link);
    machine.port.wait(() => false, MILLISECOND);
    if (link) use();
  }
}

/** A driver that stopped looks at the link again within seconds. */
function losesLink(fixture: Fixture): void {
  const [nic] = fixture.machine.nics;
  startAndUse(fixture);
  nic!.setLink(false);
  staysSilent(fixture, DOWN);
  nic!.setLink(true);
  staysSilent(fixture, UP);
  sendsAll(fixture, AFTERWARDS);
}

function disksComeAndGo({ machine, start, use }: Fixture): void {
  start();
  use();
  const disk = machine.addDisk({ bytes: MIB });
  machine.port.wait(() => false, MILLISECOND);
  use();
  machine.removeDisk(disk);
  machine.port.wait(() => false, MILLISECOND);
  use();
}

function flood({ machine, start, use }: Fixture): void {
  start();
  for (const nic of machine.nics) for (let i = 0; i < FLOOD; i++) nic.receive(FRAME);
  use();
}

function fillAndEmpty({ machine, start, use }: Fixture): void {
  const balloon = machine.balloon!;
  start();
  for (const pages of PAGES) {
    balloon.target = pages;
    balloon.askStats();
    machine.port.wait(() => false, MILLISECOND);
    use();
  }
}

function typeAll({ machine, start, use }: Fixture): void {
  const type = () => {
    for (const port of machine.serial) port.type('root\n');
  };
  type();
  later(machine, type, MILLISECOND, ...TYPED);
  start();
  use();
}

/** Of what comes, some is wrong; and the modem hangs up, and answers again. */
function disturb({ machine, start, use }: Fixture): void {
  let carrier = true;
  const noise = () => {
    carrier = !carrier;
    for (const port of machine.serial) {
      port.type('ro');
      port.uart.inject(0x6f, { parity: true });
      port.uart.inject(0x74, { framing: true });
      port.uart.inject(0, { break: true });
      port.type('\n');
      port.uart.modem({ CTS: carrier, DSR: carrier, DCD: carrier, RI: !carrier });
    }
  };
  noise();
  later(machine, noise, MILLISECOND, ...TYPED);
  start();
  use();
}

function useOften({ start, use }: Fixture): void {
  start();
  for (let i = 0; i < TIMES; i++) use();
}

/** Concurrent actions at a machine's other end. */
export const OTHER_END: readonly SuiteScenario[] = [
  {
    name: 'a wire that sends back what it gets',
    why: 'frames come in, into buffers that must be long enough',
    needs: ['card'],
    meets: ['ioapic/', 'apic/', 'uart/LOOPBACK', 'virtio/NET-FRAME-LEG-D1-MRG', 'gce/'],
    options: withLoopback,
  },
  {
    name: 'a network card that merges no buffers',
    why: 'each buffer must hold the longest frame',
    needs: ['net'],
    provokes: ['virtio/NET-RXB-D1'],
    options: withOptions({ nics: [{ backend: 'loopback', mergeable: false }] }),
  },
  {
    name: 'a link that fails and comes back',
    why: 'configuration changes, and interrupts say so',
    needs: ['card'],
    meets: ['gvnic/LINK-DOWN'],
    act: linkFails,
  },
  {
    name: 'a card whose link is down for a while',
    why: 'a driver that stopped when the link went down goes on when it is up',
    needs: ['gvnic', 'send', 'receive'],
    once: true,
    act: losesLink,
  },
  {
    name: 'more frames than they have room for',
    why: 'buffers run out, and the driver must offer new ones',
    needs: ['virtio or gvnic', 'drivers'],
    options: withSmallRings,
    act: flood,
  },
  {
    name: 'disks that come and go',
    why: 'events come in, and their buffers are to be given back',
    needs: ['scsi'],
    meets: ['virtio/SCSI-EVT-D3', 'scsi/REPORT-LUNS-FIRST', 'scsi/UNIT-ATTENTION'],
    provokes: ['virtio/SCSI-EVT-D2', 'virtio/SCSI-EVT-D4', 'virtio/SCSI-FEAT-D1', 'virtio/SCSI-EVT-D7'],
    act: disksComeAndGo,
  },
  {
    name: 'a balloon that is filled and emptied, and an entropy device',
    why: 'memory that was given is not used until it is back, and random bytes come in part',
    needs: ['balloon or rng'],
    meets: ['virtio/BALLOON'],
    options: withOptions({ balloon: true, rng: true }),
    act: fillAndEmpty,
  },
  {
    name: 'somebody who types on every serial port',
    why: 'bytes and interrupts come unasked',
    act: typeAll,
  },
  {
    name: 'serial lines with noise, and modems that hang up',
    why: 'only LSR tells of a character with an error, and each of four interrupts ends in its own way',
    meets: ['uart/LINE'],
    act: disturb,
  },
  {
    name: 'small rings, round which they go again and again',
    why: 'indices wrap, and the ring with them',
    needs: ['virtio or gvnic', 'drivers'],
    options: withSmallRings,
    act: useOften,
  },
];
