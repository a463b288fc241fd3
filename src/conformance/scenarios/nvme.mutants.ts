import type { Nanos } from '../../core/bits.ts';
import type { Driver } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { SECOND } from '../../guest/driver-error.ts';
import { type NvmeDriver, type NvmeUse, nvme } from '../../guest/index.ts';
import { barAddress } from '../../guest/pci/bars.ts';
import { findCapability } from '../../guest/pci/config.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { CAP_UPPER, CSTS, DOORBELLS, NVME_BAR, REGISTERS_SIZE } from '../../nvme/registers/bar0.ts';
import { ADMIN, CREATE_CQ_CDW11 } from '../../nvme/registers/commands.ts';
import { IDENTIFY_BYTES, identify_namespace, LBADS_SHIFT } from '../../nvme/registers/identify.ts';
import { CAPABILITY_ID } from '../../pci/registers.ts';
import { attachedBehind, behind, withMemory } from '../broken/behind.ts';
import { changeCommand } from '../broken/behind-nvme.ts';
import type { DriverModel } from '../model/model.ts';
import type { DriverUses } from '../model/uses.ts';
import { referenceUses, useDevices } from '../reference.ts';
import { stateless } from './rig.ts';

const ON: MachineOptions = { nvme: [{}] };
/** How long the reference driver waits for RDY, and for a command. */
const [START, COMMAND] = [8 * SECOND, 30 * SECOND];
const [GONE, FOREVER] = [0xffff_ffff, 1e6 * SECOND];
const [VECTOR_1, BYTES_512] = [1 << CREATE_CQ_CDW11.shift.IV, 9 << LBADS_SHIFT];

type Mistake = (port: GuestPort, bdf: number) => GuestPort;

const { read, write, flush } = referenceUses as Required<DriverUses>;
const uses: DriverUses = { read, write, flush };

interface Mutant {
  /** Left out, it polls. */
  readonly how?: NvmeUse | undefined;
  readonly use?: DriverUses;
  readonly run?: (disk: NvmeDriver) => void;
}

function mistaken(
  name: string,
  mistake: Mistake,
  { how = { interrupts: 'polled' }, use, run }: Mutant = {},
): DriverModel {
  return {
    name,
    drivers: [attachedBehind(nvme(how), mistake)],
    run: (port, handles) => {
      if (run === undefined) useDevices(port, handles);
      else for (const disk of handles) run(disk as NvmeDriver);
    },
    use: { ...uses, ...use },
  };
}

const none: Mistake = (port) => port;

/** Waits that have this limit never end. */
const waitingFor =
  (limit: Nanos): Mistake =>
  (port) =>
    behind(port, { wait: (until, given) => port.wait(until, given === limit ? FOREVER : given) });

/** What Identify Namespace says goes through `change`. */
const identifying =
  (change: (bytes: Uint8Array, view: DataView) => void): Mistake =>
  (port) =>
    withMemory(port, {
      read: (address, into) => {
        port.memory.read(address, into);
        if (into.length === IDENTIFY_BYTES) change(into, new DataView(into.buffer, into.byteOffset));
      },
    });

/** Private members of the handle. */
interface Insides {
  readonly running: { readonly pairs: readonly Pair[] };
}
interface Pair {
  submit(fields: object, ended: (completion: object) => void): number;
  serve(): boolean;
}

/** Good drivers whose I/O queues are changed once they are there. */
function withPairs(name: string, how: Mutant['how'], change: (pair: Pair) => void): DriverModel {
  const good = mistaken(name, none, { how });
  const [driver] = good.drivers as readonly [Driver<NvmeDriver>];
  const attach: typeof driver.attach = (port, bdf) => {
    const disk = driver.attach(port, bdf);
    for (const pair of (disk as unknown as Insides).running.pairs) change(pair);
    return disk;
  };
  return { ...good, drivers: [{ ...driver, attach }] };
}

/** A completion is one of all commands before, too. */
function endsInOrder(pair: Pair): void {
  const submit = pair.submit.bind(pair);
  let waiting: ((completion: object) => void)[] = [];
  pair.submit = (fields, ended) => {
    waiting.push(ended);
    return submit(fields, (completion) => {
      const last = waiting.indexOf(ended);
      for (const one of waiting.slice(0, last + 1)) one(completion);
      waiting = waiting.slice(last + 1);
    });
  };
}

function wantsCompletions(pair: Pair): void {
  const serve = pair.serve.bind(pair);
  pair.serve = () => {
    if (!serve()) throw new Error('an interrupt without a completion');
    return true;
  };
}

/** The doorbells of the first controller are taken for those of all. */
const firsts = new WeakMap<GuestPort, number>();
function ringsTheFirst(port: GuestPort, bdf: number): GuestPort {
  const base = barAddress(port, bdf, NVME_BAR.registers)?.address ?? 0;
  const first = firsts.get(port) ?? base;
  firsts.set(port, first);
  return behind(port, {
    write: (address, value, width) => {
      const offset = address - base;
      const isBell = offset >= DOORBELLS && offset < REGISTERS_SIZE;
      port.write(isBell ? first + offset : address, value, width);
    },
  });
}

/** One port for all controllers: interrupts belong to it. */
const seconds = new WeakMap<GuestPort, GuestPort>();
function takesSecond(port: GuestPort, bdf: number): GuestPort {
  if (findCapability(port, bdf, CAPABILITY_ID.MSIX) === null) return port;
  const changed =
    seconds.get(port) ??
    changeCommand(port, ADMIN.CREATE_CQ, (entry) =>
      entry.setUint32(CREATE_CQ_CDW11.offset, VECTOR_1 | 3, true),
    );
  seconds.set(port, changed);
  return changed;
}

/** Bits of a register read 0. */
const overlooking =
  ({ offset }: { readonly offset: number }, bits: number): Mistake =>
  (port, bdf) => {
    const at = (barAddress(port, bdf, NVME_BAR.registers)?.address ?? 0) + offset;
    return behind(port, {
      read: (address, width) => {
        const value = port.read(address, width);
        return address === at && value !== GONE ? value & ~bits : value;
      },
    });
  };
const knowsNoFailure: Mistake = (port, bdf) =>
  overlooking(CSTS, CSTS.mask.CFS)(waitingFor(START)(port, bdf), bdf);

/** The namespaces of each controller: new ones are found, and those that go are not. */
const known = new WeakMap<NvmeDriver, Set<number>>();
function looksForNew(disk: NvmeDriver): void {
  disk.follow();
  const namespaces = known.get(disk) ?? new Set();
  known.set(disk, namespaces);
  for (const { nsid } of disk.namespaces) namespaces.add(nsid);
  for (const nsid of namespaces) disk.read(nsid, 0, 1);
}

/** A controller that it had before a reset of the machine is set up still. */
const handles = new WeakMap<GuestPort, NvmeDriver>();
const keepsHandle: DriverModel = {
  ...mistaken('takes a controller for set up after a reset', none),
  drivers: [
    {
      ...nvme({ interrupts: 'polled' }),
      attach: (port, bdf) => {
        const handle = handles.get(port) ?? nvme({ interrupts: 'polled' }).attach(port, bdf);
        handles.set(port, handle);
        return handle;
      },
    },
  ],
};

export const MUTANTS = stateless([
  {
    scenario: 'NVMe commands that end late, and overtake each other',
    machine: ON,
    also: ['an NVMe machine that is reset in the middle of writes'],
    by: /after use\.write/,
    model: withPairs('takes commands to end in their order', undefined, endsInOrder),
  },
  {
    scenario: 'interrupts of an NVMe controller that are merged, late, and more than are needed',
    machine: ON,
    also: ['NVMe namespaces that come, grow and go'],
    by: /without a completion/,
    model: withPairs('takes no interrupt for nothing', {}, wantsCompletions),
  },
  {
    scenario: 'an NVMe controller with one vector',
    machine: ON,
    model: mistaken('takes the second vector', takesSecond, { how: {} }),
  },
  {
    scenario: 'an NVMe controller without MSI-X',
    machine: ON,
    model: mistaken('knows no lines', none, { how: { interrupts: 'msix' } }),
  },
  {
    scenario: 'an interrupt of an NVMe controller that is lost',
    also: [
      'an NVMe command that never ends',
      'an NVMe controller that fails while they use it',
      'an NVMe controller that is pulled out while they use it',
    ],
    machine: ON,
    model: mistaken('waits for an interrupt for ever', waitingFor(COMMAND), { how: {} }),
  },
  {
    scenario: 'an NVMe controller whose doorbells are 64 bytes apart',
    machine: ON,
    model: mistaken('takes doorbells to be four bytes apart', overlooking(CAP_UPPER, CAP_UPPER.mask.DSTRD)),
  },
  {
    scenario: 'an NVMe controller that takes 7 s to start',
    machine: ON,
    model: mistaken('waits 1 s for RDY', (port) =>
      behind(port, { wait: (until, limit) => port.wait(until, limit === START ? SECOND : limit) }),
    ),
  },
  {
    scenario: 'an NVMe controller that fails as it starts',
    also: ['an NVMe controller that fails while they use it'],
    machine: ON,
    model: mistaken('waits for RDY alone', knowsNoFailure),
  },
  {
    scenario: 'NVMe namespaces that come, grow and go',
    machine: ON,
    model: mistaken('looks for new namespaces alone', none, { run: looksForNew }),
  },
  {
    scenario: 'an NVMe namespace without a block',
    machine: ON,
    model: mistaken(
      'takes each namespace for one with blocks',
      identifying((bytes, view) => {
        const { nsze, ncap, lbaf0 } = identify_namespace.decode(bytes);
        if (nsze !== 0n || lbaf0 === 0) return;
        view.setBigUint64(identify_namespace.offset.nsze, 8n, true);
        view.setBigUint64(identify_namespace.offset.ncap, ncap | 8n, true);
      }),
    ),
  },
  {
    scenario: 'an NVMe namespace with blocks of 4096 bytes, beside one of 512',
    machine: ON,
    model: mistaken(
      'takes all blocks for 512 bytes',
      identifying((bytes, view) => {
        if (identify_namespace.decode(bytes).lbaf0 === 12 << LBADS_SHIFT)
          view.setUint32(identify_namespace.offset.lbaf0, BYTES_512, true);
      }),
    ),
  },
  {
    scenario: 'NVMe namespaces of which the vendor says nothing, half, or what is unknown',
    machine: ON,
    model: mistaken('needs the name of each namespace', none, {
      run: (disk) => {
        for (const { vendorText } of disk.namespaces) JSON.parse(vendorText).device_name.trim();
      },
    }),
  },
  {
    scenario: 'several NVMe controllers',
    also: ['an NVMe controller that is pulled out while they use it'],
    machine: ON,
    model: mistaken('rings the doorbells of the first controller', ringsTheFirst),
  },
  {
    scenario: 'power that fails once they flushed an NVMe disk',
    by: /flushed was lost/,
    machine: ON,
    model: mistaken('flushes nothing', none, { use: { flush: () => {} } }),
  },
  {
    scenario: 'an NVMe machine that is reset in the middle of writes',
    also: [
      'NVMe namespaces of which the vendor says nothing, half, or what is unknown',
      'an NVMe controller that is pulled out while they use it',
      'power that fails once they flushed an NVMe disk',
      'a machine that is reset after they used it',
      'a machine whose power fails',
    ],
    machine: ON,
    model: keepsHandle,
  },
]);
