import type { Nanos } from '../../core/bits.ts';
import type { NvmeFunction } from '../../nvme/function.ts';
import { Namespace } from '../../nvme/namespace.ts';
import type { Fixture } from './fixture.ts';
import { pass } from './frames.ts';
import { moves, nvmeWith } from './nvme.ts';
import { type SuiteScenario, startAndUse } from './scenario.ts';

const MIB = 1 << 20;
const MILLISECOND: Nanos = 1_000_000;
/** Local SSDs, beside the disk. */
const LOCALS = 3;

function namespacesChange(fixture: Fixture): void {
  const { machine, use } = fixture;
  const [controller] = machine.nvme;
  startAndUse(fixture);
  const then = () => {
    pass(machine, MILLISECOND);
    use();
  };
  const second = controller!.addNamespace({ bytes: MIB });
  then();
  controller!.resizeNamespace(second, 2 * MIB);
  then();
  controller!.removeNamespace(second);
  then();
}

/** What the vendor's part of Identify Namespace may hold: nothing, a text that is cut, a key that is unknown, no text. */
const VENDOR_TEXTS = ['', '{"device_na', '{"unknown":[1]}', '\u0001\u0002'];

function vendorSays(fixture: Fixture): void {
  const { machine, start, use } = fixture;
  const [{ fn, namespaces }] = machine.nvme as unknown as [
    { fn: NvmeFunction; namespaces: Fixture['machine']['nvme'][number]['namespaces'] },
  ];
  const [{ nsid, medium, blockSize }] = namespaces as [(typeof namespaces)[number]];
  for (const vendorText of VENDOR_TEXTS) {
    fn.controller.attach(new Namespace(nsid, medium, { blockSize, vendorText, nguid: '' }));
    start();
    use();
    machine.reset('hard');
  }
}

/** The namespaces of NVMe controllers. */
export const NVME_NAMESPACES: readonly SuiteScenario[] = [
  {
    name: 'NVMe namespaces that come, grow and go',
    why: 'an event says so, and until its log page is read no further one comes',
    needs: ['nvme'],
    once: true,
    provokes: ['nvme/AER-LOG'],
    options: nvmeWith(),
    act: namespacesChange,
  },
  {
    name: 'an NVMe namespace without a block',
    why: 'it is passed over, and the others are used',
    needs: ['nvme'],
    once: true,
    options: nvmeWith({ namespaces: [{ bytes: MIB }, { bytes: 512, blockSize: 4096 }] }),
  },
  {
    name: 'an NVMe namespace with blocks of 4096 bytes, beside one of 512',
    why: 'its blocks are counted in its own size',
    needs: ['nvme', 'read', 'write'],
    options: nvmeWith({ namespaces: [{ bytes: 4 * MIB, blockSize: 4096 }, { bytes: MIB }] }),
    act: moves,
  },
  {
    name: 'NVMe namespaces of which the vendor says nothing, half, or what is unknown',
    why: 'from byte 384 on Identify Namespace may hold anything',
    needs: ['nvme'],
    once: true,
    options: nvmeWith(),
    act: vendorSays,
  },
  {
    name: 'several NVMe controllers',
    why: 'each has its own registers, queues and namespaces',
    needs: ['nvme'],
    once: true,
    options: (base) => {
      const { nvme = [], ...rest } = nvmeWith({ model: 'nvme_card-pd' })(base);
      const locals = Array.from({ length: LOCALS }, (_, i) => ({ ...nvme[0], model: `nvme_card${i}` }));
      return { ...rest, nvme: [...nvme, ...locals] };
    },
  },
];
