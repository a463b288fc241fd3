import type { GuestPort } from '../../core/guest-port.ts';
import { barAddress } from '../../guest/pci/bars.ts';
import { ASQ_UPPER, NVME_BAR, NVME_ID } from '../../nvme/registers/bar0.ts';
import { identify_controller } from '../../nvme/registers/identify.ts';
import { changeDoorbells, changeRegister } from '../broken/behind-nvme.ts';
import { identifying, mistaken, none, ON, type Pair } from './nvme-rig.ts';
import { ignoringFlush, stateless } from './rig.ts';

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
    model: mistaken('never says what it took', writesNoHead),
  },
  {
    scenario: 'an NVMe controller, and RAM for its driver above 4 GiB alone',
    machine: ON,
    by: /nvme\/AQ-ALIGN/,
    model: mistaken('writes half of ASQ', (port, bdf) =>
      barAddress(port, bdf, NVME_BAR.registers) === null
        ? port
        : changeRegister(port, bdf, ASQ_UPPER, (store) => store(0)),
    ),
  },
  {
    scenario: 'an NVMe namespace of more than 2^32 blocks',
    machine: ON,
    by: /blocks from 4294967301 on/,
    model: mistaken('cuts the numbers of blocks to 32 bits', none, { change: cutsNumbers }),
  },
  {
    scenario: 'NVMe namespaces whose numbers have gaps',
    machine: ON,
    model: mistaken('has namespace 1 alone', none, { run: (disk) => void disk.read(1, 0, 1) }),
  },
  {
    scenario: 'an NVMe controller that moves 8 KiB by a command at most',
    machine: ON,
    by: /nvme\/MDTS/,
    model: mistaken(
      'knows no MDTS',
      identifying((bytes, view) => {
        if (view.getUint16(identify_controller.offset.vid, true) === NVME_ID.vendor)
          bytes[identify_controller.offset.mdts] = 0;
      }),
    ),
  },
  {
    scenario: 'an NVMe disk with blocks that cannot be read, or written',
    machine: ON,
    by: /use\.read\(\) of 8 blocks/,
    model: mistaken('looks at no status of an NVMe command', none, { change: looksAtNoStatus }),
  },
  {
    scenario: 'an NVMe disk that fails to flush',
    machine: ON,
    by: /failed to flush/,
    model: mistaken('takes every Flush for done', none, {
      use: { flush: ignoringFlush },
    }),
  },
]);
