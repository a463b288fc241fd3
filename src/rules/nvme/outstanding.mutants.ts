import { behind } from '../../conformance/broken/behind.ts';
import { breakingNvme, changeCommand, changeDoorbells } from '../../conformance/broken/behind-nvme.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { NvmeDriver } from '../../guest/index.ts';
import { barAddress } from '../../guest/pci/bars.ts';
import { CSTS, NVME_BAR, SHST } from '../../nvme/registers/bar0.ts';
import { ADMIN, FEATURE, NVM, sqe } from '../../nvme/registers/commands.ts';

const { prp1: PRP1, cdw10: CDW10 } = sqe.offset;
/** The tail of the first I/O queue. */
const TAIL = 2;
/** It looks at doorbells late, and takes its time for commands. */
const LATE = {
  nvme: [
    { namespaces: [{ bytes: 1 << 20 }], mdts: 5, latency: 1_000_000, completion: { latency: 50_000_000 } },
  ],
};
/** It takes its time for commands alone. */
const SLOW = { nvme: [{ namespaces: [{ bytes: 1 << 20 }], completion: { latency: 1_000_000 } }] };
const ABORTS = 5;

/** Private members of the handle. */
interface Insides {
  readonly running: { readonly admin: Pair; readonly pairs: readonly Pair[] };
}
interface Pair {
  submit(fields: object, ended: () => void): number;
}
const insidesOf = (disk: NvmeDriver) => (disk as unknown as Insides).running;

const late = breakingNvme((disk) => disk.read(1, 0, 1), { interrupts: 'polled' }, LATE);
const readsMuch = breakingNvme((disk) => disk.read(1, 0, 600), { interrupts: 'polled' }, LATE);
const closes = breakingNvme((disk) => disk.close());
const closesBusy = breakingNvme(
  (disk) => {
    insidesOf(disk).pairs[0]!.submit({ opcode: NVM.WRITE_ZEROES, nsid: 1 }, () => {});
    disk.close();
  },
  { interrupts: 'polled' },
  LATE,
);
const slow = breakingNvme((disk) => disk.read(1, 0, 1), { interrupts: 'polled' }, SLOW);
const aborts = breakingNvme(
  (disk) => {
    for (let i = 0; i < ABORTS; i++)
      insidesOf(disk).admin.submit({ opcode: ADMIN.ABORT, cdw10: 0x7fff_0001 }, () => {});
    disk.temperature();
  },
  { interrupts: 'polled' },
  LATE,
);
const mayFail = breakingNvme((disk) => {
  try {
    disk.read(1, 0, 1);
  } catch {
    // The controller was reset.
  }
});

/** A field of a command is written behind the doorbell. */
function writesLate(port: GuestPort, bdf: number): GuestPort {
  let place = 0;
  let right = 0;
  const seen = changeCommand(port, NVM.READ, (entry, at) => {
    place = at + PRP1;
    right = entry.getUint32(PRP1, true);
    entry.setUint32(PRP1, 0, true);
  });
  return changeDoorbells(seen, bdf, (write, index, value) => {
    write(value);
    if (index === TAIL) port.memory.store(place, right, 4);
  });
}

/** The second command of a transfer gets the memory of the first. */
function lendsTwice(port: GuestPort): GuestPort {
  let first: bigint | null = null;
  return changeCommand(port, NVM.READ, (entry) => {
    first ??= entry.getBigUint64(PRP1, true);
    entry.setBigUint64(PRP1, first, true);
  });
}

/** Its queues are not deleted. */
function keepsQueues(port: GuestPort): GuestPort {
  const ask = (entry: DataView) => {
    entry.setUint8(0, ADMIN.GET_FEATURES);
    entry.setUint32(CDW10, FEATURE.ARBITRATION, true);
  };
  return changeCommand(changeCommand(port, ADMIN.DELETE_SQ, ask), ADMIN.DELETE_CQ, ask);
}

/** The end of a shutdown is believed at once. */
function waitsForNone(port: GuestPort, bdf: number): GuestPort {
  const at = barAddress(port, bdf, NVME_BAR.registers)!.address + CSTS.offset;
  return behind(port, {
    read: (address, width) => {
      const value = port.read(address, width);
      const isShutting = address === at && CSTS.decode(value).SHST === SHST.OCCURRING;
      return isShutting ? (value & ~CSTS.mask.SHST) | CSTS.encode({ SHST: SHST.COMPLETE }) : value;
    },
  });
}

/** CSTS.CFS is overlooked. */
function overlooksFailure(port: GuestPort, bdf: number): GuestPort {
  const at = barAddress(port, bdf, NVME_BAR.registers)!.address + CSTS.offset;
  return behind(port, {
    read: (address, width) => port.read(address, width) & (address === at ? ~CSTS.mask.CFS : -1),
  });
}

/** It looks whether the data is there. */
function looksAtData(port: GuestPort, bdf: number): GuestPort {
  let place = 0;
  const seen = changeCommand(port, NVM.READ, (entry) => {
    place = entry.getUint32(PRP1, true);
  });
  return changeDoorbells(seen, bdf, (write, index, value) => {
    write(value);
    if (index === TAIL) port.memory.load(place, 4);
  });
}

export const MUTANTS: readonly BrokenDriver[] = [
  late('writes a part of a command behind the doorbell', 'nvme/SQE-WHOLE', writesLate),
  aborts('sends five aborts at once', 'nvme/ABORT-LIMIT', (port) => port),
  readsMuch('lends memory to two commands', 'nvme/DATA-BUSY', lendsTwice),
  slow('looks at the data before its completion', 'nvme/DATA-BUSY', looksAtData),
  closesBusy('shuts down with a command under way', 'nvme/SHUT-IDLE', keepsQueues),
  closes('does not wait for the end of a shutdown', 'nvme/SHUT-WAIT', waitsForNone),
  {
    ...mayFail('overlooks that its controller failed', 'nvme/CFS-RESET', overlooksFailure),
    act: (machine, use) => {
      machine.nvme[0]!.fail();
      use();
    },
  },
];
