import { NVM, sqe } from '../../nvme/registers/commands.ts';
import { scripts } from '../script.proof.ts';
import { type NVME_RETRIES, RetryWatch, WITH_DNR } from './retries.ts';

const ENTRY = new DataView(sqe.encode({ opcode: NVM.READ, nsid: 1, cid: 3 }).buffer);
const MANY = WITH_DNR + 1;
/** Unrecovered read error, and DNR. */
const STATUS = 0x4281;

/** A read fails so often. */
function fails(watch: RetryWatch, times: number): void {
  for (let i = 0; i < times; i++) {
    watch.commanded(1, ENTRY);
    watch.answered(1, 3, STATUS);
  }
}

export const NVME_RETRY_PROOFS = scripts<RetryWatch, keyof typeof NVME_RETRIES>(
  (journal) => new RetryWatch({ subject: 'nvme0' } as never, journal),
  {
    'nvme/RETRY': {
      breaks: (watch) => fails(watch, MANY),
      keeps: (watch) => fails(watch, WITH_DNR),
    },
  },
);
