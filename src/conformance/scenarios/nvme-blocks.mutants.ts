import type { GuestPort } from '../../core/guest-port.ts';
import { type NvmeDriver, nvme } from '../../guest/index.ts';
import { barAddress } from '../../guest/pci/bars.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { ASQ_UPPER, NVME_BAR } from '../../nvme/registers/bar0.ts';
import { attachedBehind } from '../broken/behind.ts';
import { changeDoorbells, changeRegister } from '../broken/behind-nvme.ts';
import type { DriverModel } from '../model/model.ts';
import type { DriverUses } from '../model/uses.ts';
import { referenceUses, useDevices } from '../reference.ts';
import { stateless } from './rig.ts';

const ON: MachineOptions = { nvme: [{}] };
const { read, write } = referenceUses as Required<DriverUses>;

/** Private members of the handle. */
interface Pair {
  submit(fields: object, ended: (completion: object) => void): number;
}
type Change = (pair: Pair) => void;

function model(
  name: string,
  change: Change = () => {},
  mistake: (port: GuestPort, bdf: number) => GuestPort = (port) => port,
  run: DriverModel['run'] = useDevices,
): DriverModel {
  const good = attachedBehind(nvme({ interrupts: 'polled' }), mistake);
  const attach: typeof good.attach = (port, bdf) => {
    const disk = good.attach(port, bdf);
    for (const pair of (disk as unknown as { running: { pairs: readonly Pair[] } }).running.pairs)
      change(pair);
    return disk;
  };
  return { name, drivers: [{ ...good, attach }], run, use: { read, write } };
}

function looksAtNoStatus(pair: Pair): void {
  const submit = pair.submit.bind(pair);
  pair.submit = (fields, ended) => submit(fields, (completion) => ended({ ...completion, status: 0 }));
}

function cutsNumbers(pair: Pair): void {
  const submit = pair.submit.bind(pair);
  pair.submit = (fields, ended) => submit({ ...fields, cdw11: 0 }, ended);
}

/** Heads of I/O queues have odd numbers, from 3 on. */
const writesNoHead = (port: GuestPort, bdf: number) =>
  changeDoorbells(port, bdf, (write, index, value) => {
    if (index < 3 || index % 2 === 0) write(value);
  });

export const MUTANTS = stateless([
  {
    scenario: 'so many NVMe commands that queues go round several times',
    machine: ON,
    also: ['an NVMe namespace with blocks of 4096 bytes, beside one of 512'],
    by: /nvme\/CQ-HEAD/,
    model: model('never says what it took', undefined, writesNoHead),
  },
  {
    scenario: 'an NVMe controller, and RAM for its driver above 4 GiB alone',
    machine: ON,
    by: /nvme\/AQ-ALIGN/,
    model: model('writes half of ASQ', undefined, (port, bdf) =>
      barAddress(port, bdf, NVME_BAR.registers) === null
        ? port
        : changeRegister(port, bdf, ASQ_UPPER, (store) => store(0)),
    ),
  },
  {
    scenario: 'an NVMe namespace of more than 2^32 blocks',
    machine: ON,
    by: /blocks from 4294967301 on/,
    model: model('cuts the numbers of blocks to 32 bits', cutsNumbers),
  },
  {
    scenario: 'NVMe namespaces whose numbers have gaps',
    machine: ON,
    model: model('has namespace 1 alone', undefined, undefined, (_port, handles) => {
      for (const disk of handles as readonly NvmeDriver[]) disk.read(1, 0, 1);
    }),
  },
  {
    scenario: 'an NVMe disk with blocks that cannot be read, or written',
    machine: ON,
    by: /use\.read\(\) of 8 blocks/,
    model: model('looks at no status of an NVMe command', looksAtNoStatus),
  },
]);
