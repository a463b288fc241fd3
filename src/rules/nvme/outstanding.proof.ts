import * as reg from '../../nvme/registers/bar0.ts';
import { ADMIN, cqe, NVM, sqe } from '../../nvme/registers/commands.ts';
import { type Script, scripts } from '../script.proof.ts';
import type { NVME_OUTSTANDING } from './outstanding.ts';
import type { NVME_MEMORY } from './queue-memory.ts';
import {
  COMPLETIONS,
  makeWatch,
  type NvmeScript,
  prepared,
  RUNNING,
  run,
  SUBMISSIONS,
  write,
} from './script-rig.proof.ts';

const READY = 1;
const [SHUT, SHUT_DONE] = [0x4000, 9];
/** A page of data, and the next. */
const [DATA, NEXT] = [0x8000, 0x9000];

/** A command is submitted in slot `slot` of a queue, and taken with `changes`; it is not answered. */
function take(
  { events, memory }: NvmeScript,
  queue: number,
  slot: number,
  fields: Parameters<typeof sqe.encode>[0],
  changes: Parameters<typeof sqe.encode>[0] = {},
): void {
  const at = SUBMISSIONS + queue * reg.PAGE + slot * sqe.size;
  const { bytes } = memory.ranges[0]!;
  sqe.encode({ cid: slot, ...fields }, bytes, at);
  events.submissionRung(queue, slot + 1, 8, slot, slot);
  const entry = sqe.encode({ cid: slot, ...fields, ...changes });
  events.commanded(queue, new DataView(entry.buffer));
}

const read = (prp1: number) => ({ opcode: NVM.READ, nsid: 1, prp1: BigInt(prp1) });
const aborting = (count: number) => (script: NvmeScript) => {
  run(script);
  for (let i = 0; i < count; i++) take(script, 0, i, { opcode: ADMIN.ABORT });
};
const reading = (...places: readonly number[]) => {
  const breaks = (script: NvmeScript) => {
    prepared(script);
    for (const [slot, place] of places.entries()) take(script, 1, slot, read(place));
  };
  return breaks;
};
const shutting = (csts: number): Script<NvmeScript>['breaks'] => {
  return (script) => {
    run(script);
    write(script.events, reg.CC, RUNNING | SHUT, READY);
    write(script.events, reg.CC, 0, csts);
  };
};

export const NVME_OUTSTANDING_PROOFS = scripts<NvmeScript, keyof typeof NVME_OUTSTANDING>(makeWatch, {
  'nvme/SQE-WHOLE': {
    breaks: (script) => {
      prepared(script);
      take(script, 1, 0, read(DATA), { cdw10: 1 });
    },
    keeps: reading(DATA),
  },
  'nvme/ABORT-LIMIT': { breaks: aborting(5), keeps: aborting(4) },
  'nvme/DATA-BUSY': { breaks: reading(DATA, DATA), keeps: reading(DATA, NEXT) },
  'nvme/SHUT-IDLE': {
    breaks: (script) => {
      reading(DATA)(script);
      write(script.events, reg.CC, RUNNING | SHUT, READY);
    },
    keeps: (script) => {
      reading(DATA)(script);
      script.events.answered(1, 0, 0, 0);
      write(script.events, reg.CC, RUNNING | SHUT, READY);
    },
  },
  'nvme/SHUT-WAIT': { breaks: shutting(5), keeps: shutting(SHUT_DONE) },
});

export const NVME_MEMORY_PROOFS = scripts<NvmeScript, keyof typeof NVME_MEMORY>(makeWatch, {
  'nvme/QUEUE-MEMORY': {
    breaks: (script) => {
      prepared(script);
      script.free(COMPLETIONS + reg.PAGE + cqe.size);
    },
    keeps: (script) => {
      prepared(script);
      script.events.stopped();
      script.free(COMPLETIONS + reg.PAGE);
    },
  },
});
