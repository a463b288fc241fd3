import type { Nanos } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { SECOND } from '../../guest/driver-error.ts';
import { type NvmeDriver, nvme } from '../../guest/index.ts';
import { findCapability } from '../../guest/pci/config.ts';
import { CAP, CAP_UPPER, CSTS } from '../../nvme/registers/bar0.ts';
import { ADMIN, CREATE_CQ_CDW11, sqe } from '../../nvme/registers/commands.ts';
import { CAPABILITY_ID } from '../../pci/registers.ts';
import { behind } from '../broken/behind.ts';
import { changeCommand, changeDoorbells } from '../broken/behind-nvme.ts';
import type { DriverModel } from '../model/model.ts';
import { type Mistake, mistaken, none, ON, type Pair, taking } from './nvme-rig.ts';
import { stateless } from './rig.ts';

/** How long the reference driver waits for RDY, and for a command. */
const [START, COMMAND] = [8 * SECOND, 30 * SECOND];
const FOREVER: Nanos = 1e6 * SECOND;
const VECTOR_1 = 1 << CREATE_CQ_CDW11.shift.IV;

/** Waits that have this limit never end. */
const waitingFor =
  (limit: Nanos): Mistake =>
  (port) =>
    behind(port, { wait: (until, given) => port.wait(until, given === limit ? FOREVER : given) });

/** Data of Identify is loaded behind the doorbell. */
const looksAtOnce: Mistake = (port, bdf) => {
  let data = 0;
  const watched = changeCommand(port, ADMIN.IDENTIFY, (entry) => {
    data = entry.getUint32(sqe.offset.prp1, true);
  });
  return changeDoorbells(watched, bdf, (write, index, value) => {
    write(value);
    if (index === 0 && data > 0) port.memory.load(data, 4);
    data = 0;
  });
};

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

/** CSTS.CFS reads 0. */
const knowsNoFailure: Mistake = (port, bdf) =>
  taking(CSTS, (value) => value & ~CSTS.mask.CFS)(waitingFor(START)(port, bdf), bdf);

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
    model: mistaken('takes commands to end in their order', none, { change: endsInOrder }),
  },
  {
    scenario: 'an NVMe controller that looks at its queues late',
    machine: ON,
    by: /nvme\/DATA-BUSY/,
    model: mistaken('looks at what it identifies at once', looksAtOnce),
  },
  {
    scenario: 'interrupts of an NVMe controller that are merged, late, and more than are needed',
    machine: ON,
    also: ['NVMe namespaces that come, grow and go'],
    by: /without a completion/,
    model: mistaken('takes no interrupt for nothing', none, { how: {}, change: wantsCompletions }),
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
    scenario: 'an NVMe controller with one pair of queues, of four entries at most',
    machine: ON,
    model: mistaken(
      'has queues of 64 entries in any case',
      taking(CAP, (value) => value | CAP.mask.MQES),
    ),
  },
  {
    scenario: 'an NVMe controller whose doorbells are 64 bytes apart',
    machine: ON,
    model: mistaken(
      'takes doorbells to be four bytes apart',
      taking(CAP_UPPER, (value) => value & ~CAP_UPPER.mask.DSTRD),
    ),
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
