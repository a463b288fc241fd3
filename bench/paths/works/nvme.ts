import { barAddress, enumerate, nvme } from '../../../src/guest/index.ts';
import { gceN1 } from '../../../src/index.ts';
import { NVM, sqe } from '../../../src/nvme/registers/commands.ts';
import type { Work } from './ring.ts';

const ID = { vendor: 0x1ae0, device: 0x001f } as const;
/** RAM that no allocation reaches. */
const DATA = 0x400_0000;
const [DISK, REGION, BYTES, BLOCK] = [16 << 20, 1 << 20, 4096, 512];
const BATCH = 32;
const ENTRIES = 1024;
/** Doorbells of the first I/O queues. */
const [SQ_TAIL, CQ_HEAD] = [0x1008, 0x100c];

/** Internals of a controller. */
interface Inside {
  readonly controller: {
    readonly queues: {
      readonly submissions: readonly { readonly address: number; head: number; tail: number }[];
      readonly completions: readonly { readonly tail: number; readonly address: number }[];
    };
  };
}

/** READs of a page each, 32 a doorbell, from memory. */
export function nvmeRead4K(): Work {
  const machine = gceN1({ judge: false, patience: false, nvme: [{ namespaces: [{ bytes: DISK }] }] });
  const { port, functions } = machine;
  const { medium } = machine.nvme[0]!.namespaces[0]!;
  medium.write(
    0,
    new Uint8Array(DISK).map((_, i) => i * 7),
    0,
    DISK,
  );
  const { bdf } = enumerate(port).find(({ id }) => id.vendor === ID.vendor && id.device === ID.device)!;
  nvme({ interrupts: 'polled', entries: ENTRIES }).attach(port, bdf);
  const inside = (functions.find((fn) => fn.bdf === bdf) as unknown as Inside).controller.queues;
  const { address, tail: begin } = inside.submissions[1]!;
  const completions = inside.completions[1]!;
  for (let i = 0; i < ENTRIES; i++) {
    const prp1 = BigInt(DATA + (i % BATCH) * BYTES);
    const lba = ((i * BYTES) % REGION) / BLOCK;
    const fields = { opcode: NVM.READ, cid: i, nsid: 1, prp1, cdw10: lba, cdw12: BYTES / BLOCK - 1 };
    port.memory.write(address + sqe.size * i, sqe.encode(fields));
  }
  const base = barAddress(port, bdf, 0)!.address;
  let made = 0;
  let tail = begin;
  const work = (times: number) => {
    for (let i = 0; i < times; i += BATCH) {
      const before = completions.tail;
      tail = (tail + BATCH) % ENTRIES;
      port.write(base + SQ_TAIL, tail, 4);
      port.write(base + CQ_HEAD, completions.tail, 4);
      if ((completions.tail - before + ENTRIES) % ENTRIES !== BATCH)
        throw new Error('a command was not answered at its doorbell');
      made += BATCH;
    }
    if ((port.memory.load(completions.address + 14, 2) & 0xfffe) !== 0) throw new Error('a command failed');
  };
  return { work, made: () => made };
}
