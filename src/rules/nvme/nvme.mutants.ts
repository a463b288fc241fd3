import { PMCNTRL } from '../../chipset/registers/pm-io.ts';
import { behind, rewriteConfig } from '../../conformance/broken/behind.ts';
import { breakingNvme, changeDoorbells, changeRegister } from '../../conformance/broken/behind-nvme.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { NvmeDriver } from '../../guest/index.ts';
import { barAddress } from '../../guest/pci/bars.ts';
import { disable } from '../../guest/pci/config.ts';
import { GCE_N1 } from '../../machine/gce-n1.ts';
import * as reg from '../../nvme/registers/bar0.ts';
import { COMMAND } from '../../pci/registers.ts';

const { EN, MPS, CSS, SHN } = reg.CC.mask;
const { RDY } = reg.CSTS.mask;
const { BUS_MASTER } = COMMAND.mask;
const { pmba: PM } = GCE_N1.firmware.pc!;
/** Doorbells of the first pair of I/O queues. */
const [TAIL, HEAD] = [2, 3];
/** The tail of a queue that is not there, and beyond all entries. */
const [NO_QUEUE, TOO_FAR] = [18, 200];

const reads = (disk: NvmeDriver) => disk.read(1, 0, 1);
const closes = (disk: NvmeDriver) => disk.close();
const broken = breakingNvme(reads);
/** A queue of two entries, which is looked at late. */
const crowded = breakingNvme(
  (disk) => {
    disk.read(1, 0, 1);
    disk.read(1, 0, 1);
  },
  { interrupts: 'polled', entries: 2 },
  { nvme: [{ namespaces: [{ bytes: 1 << 20 }], latency: 5000 }] },
);

const baseOf = (port: GuestPort, bdf: number) => barAddress(port, bdf, reg.NVME_BAR.registers)!.address;
/** The value of a register goes through `change`. */
const wrong =
  (register: Parameters<typeof changeRegister>[2], change: (value: number) => number) =>
  (port: GuestPort, bdf: number) =>
    changeRegister(port, bdf, register, (write, value) => write(change(value)));
/** Once CC.EN was set, something is done in addition. */
const onceEnabled =
  (then: (write: (value: number, other?: Parameters<typeof wrong>[0]) => void, cc: number) => void) =>
  (port: GuestPort, bdf: number) =>
    changeRegister(port, bdf, reg.CC, (write, value) => {
      write(value);
      if ((value & EN) !== 0 && (value & SHN) === 0) then(write, value);
    });
const whenEnabled = (bits: number) => wrong(reg.CC, (value) => ((value & EN) !== 0 ? value | bits : value));
/** The doorbell at `index` is written by `ring`, with the value that is right. */
const ringing =
  (
    index: number,
    ring: (write: (value: number, at?: number, width?: 2 | 4) => void, value: number) => void,
  ) =>
  (port: GuestPort, bdf: number) =>
    changeDoorbells(port, bdf, (write, at, value) => {
      if (at === index) ring(write, value);
      else write(value);
    });

/** CSTS reads as not ready once CC.EN is clear, and until it was so. */
function believesAtOnce(port: GuestPort, bdf: number): GuestPort {
  const base = baseOf(port, bdf);
  let settled = false;
  const seen = changeRegister(port, bdf, reg.CC, (write, value) => {
    settled = false;
    write(value);
  });
  return behind(seen, {
    read: (address, width) => {
      const value = port.read(address, width);
      if (address !== base + reg.CSTS.offset) return value;
      settled ||= (value & RDY) === 0;
      return settled ? value : value & ~RDY;
    },
  });
}

/** One more command, once the shutdown has begun. */
function submitsLate(port: GuestPort, bdf: number): GuestPort {
  let tail = 0;
  const seen = changeDoorbells(port, bdf, (write, index, value) => {
    if (index === 0) tail = value;
    write(value);
  });
  const base = baseOf(port, bdf);
  return changeRegister(seen, bdf, reg.CC, (write, value) => {
    write(value);
    if ((value & SHN) !== 0) port.write(base + reg.DOORBELLS, tail + 1, 4);
  });
}

export const MUTANTS: readonly BrokenDriver[] = [
  broken('reads half of VS', 'nvme/REG-WIDTH', (port, bdf) => {
    port.read(baseOf(port, bdf) + reg.VS.offset + 2, 2);
    return port;
  }),
  broken('leaves bus mastering off', 'nvme/EN-MASTER', (port, bdf) => {
    disable(port, bdf, BUS_MASTER);
    return rewriteConfig(port, (at, value) => (at === COMMAND.offset ? value & ~BUS_MASTER : value));
  }),
  breakingNvme((disk) => {
    disk.suspend();
    disk.resume();
  })('does not wait for the end of RDY', 'nvme/EN-READY', believesAtOnce),
  broken(
    'stops what has not started',
    'nvme/EN-STOP',
    onceEnabled((write, cc) => {
      write(cc & ~EN);
      write(cc);
    }),
  ),
  broken(
    'sizes the admin queue too late',
    'nvme/AQ-STABLE',
    onceEnabled((write) => write(0x001f_001f, reg.AQA)),
  ),
  broken(
    'places the admin queue within a page',
    'nvme/AQ-ALIGN',
    wrong(reg.ASQ, (value) => value + 64),
  ),
  broken(
    'gives the admin queue one entry',
    'nvme/AQ-SIZE',
    wrong(reg.AQA, (value) => value & ~reg.AQA.mask.ASQS),
  ),
  broken('knows CAP by heart', 'nvme/AQ-LIMITS', (port, bdf) => {
    const base = baseOf(port, bdf);
    return behind(port, {
      read: (address, width) => (address === base ? 0x0f01_0fff : port.read(address, width)),
    });
  }),
  broken('has pages of 8 KiB', 'nvme/CC-PAGE', whenEnabled(reg.CC.encode({ MPS: 1 }))),
  broken('sets a reserved bit of CC', 'nvme/REG-RESERVED', whenEnabled(0x100_0000)),
  broken('wants every command set', 'nvme/CC-SET', whenEnabled(reg.CC.encode({ CSS: 6 }))),
  broken(
    'changes its pages while it runs',
    'nvme/CC-STABLE',
    onceEnabled((write, cc) => write((cc | MPS | CSS) & ~CSS)),
  ),
  breakingNvme(reads, { interrupts: 'msix' })(
    'masks the pin, and has messages',
    'nvme/INTM-MESSAGES',
    onceEnabled((write) => write(1, reg.INTMS)),
  ),
  {
    ...broken('turns the machine off and leaves its controller on', 'nvme/SHUT-POWER', (port) => port),
    act: (machine, use) => {
      use();
      machine.port.out(PM + PMCNTRL.offset, PMCNTRL.encode({ SUS_EN: 1, SCI_EN: 1 }), 2);
    },
  },
  broken(
    'rings by 16 bits',
    'nvme/DB-WIDTH',
    ringing(TAIL, (write, value) => {
      write(value, TAIL, 2);
      write(value);
    }),
  ),
  broken('rings before RDY', 'nvme/DB-READY', (port, bdf) => {
    const base = baseOf(port, bdf);
    return onceEnabled(() => port.write(base + reg.DOORBELLS, 1, 4))(port, bdf);
  }),
  breakingNvme(closes)('submits during a shutdown', 'nvme/SHUT-QUIET', submitsLate),
  broken(
    'rings for a queue that is not there',
    'nvme/DB-QUEUE',
    ringing(TAIL, (write, value) => {
      write(value);
      write(1, NO_QUEUE);
    }),
  ),
  broken(
    'does not wrap its tail',
    'nvme/DB-RANGE',
    ringing(TAIL, (write, value) => {
      write(value);
      write(TOO_FAR);
    }),
  ),
  broken(
    'rings twice',
    'nvme/DB-SAME',
    ringing(TAIL, (write, value) => {
      write(value);
      write(value);
    }),
  ),
  crowded(
    'fills the last entry, too',
    'nvme/SQ-OVERRUN',
    ringing(TAIL, (write, value) => {
      write(value);
      if (value === 0) write(1);
    }),
  ),
  broken(
    'takes an entry more than there is',
    'nvme/CQ-BEYOND',
    ringing(HEAD, (write, value) => write(value + 1)),
  ),
  crowded(
    'never writes a head',
    'nvme/CQ-HEAD',
    ringing(HEAD, () => {}),
  ),
];
