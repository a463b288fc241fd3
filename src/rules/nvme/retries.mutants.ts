import { breakingNvme } from '../../conformance/broken/behind-nvme.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import { WITH_DNR } from './retries.ts';

const BLOCK = new Uint8Array(512);

/** Drivers that do not give up. */
export const MUTANTS: readonly BrokenDriver[] = [
  breakingNvme(
    (disk) => {
      for (let i = 0; i <= WITH_DNR; i++) {
        try {
          disk.write(1, 0, BLOCK);
        } catch {}
      }
    },
    { interrupts: 'polled' },
    { nvme: [{ namespaces: [{ bytes: 1 << 20, readOnly: true }] }] },
  )('writes to a disk that is write-protected until it is not', 'nvme/RETRY', (port) => port),
];
