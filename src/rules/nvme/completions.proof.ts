import { PAGE } from '../../nvme/registers/bar0.ts';
import { NVM, sqe } from '../../nvme/registers/commands.ts';
import { scripts } from '../script.proof.ts';
import type { NVME_COMPLETIONS } from './completions.ts';
import { give, makeWatch, type NvmeScript, prepared, SUBMISSIONS } from './script-rig.proof.ts';

/** Of both queues of the pair: one entry more than the completion queue has room for. */
const [ENTRIES, DONE] = [8, 7];

/** As many commands as there is room for, and one that waits for it. */
function fills(script: NvmeScript): void {
  prepared(script);
  const { bytes } = script.memory.ranges[0]!;
  for (let cid = 0; cid < ENTRIES; cid++) {
    const fields = { opcode: NVM.FLUSH, nsid: 1, cid };
    sqe.encode(fields, bytes, SUBMISSIONS + PAGE + cid * sqe.size);
    script.events.submissionRung(1, (cid + 1) % ENTRIES, ENTRIES, cid, cid);
    if (cid < DONE) give(script, fields, 1);
  }
}

export const NVME_COMPLETION_PROOFS = scripts<NvmeScript, keyof typeof NVME_COMPLETIONS>(makeWatch, {
  'nvme/CQ-HEAD': {
    breaks: (script) => {
      fills(script);
      script.end();
    },
    keeps: (script) => {
      fills(script);
      script.events.completionRung(1, 1, ENTRIES, 0, DONE);
      script.end();
    },
  },
});
