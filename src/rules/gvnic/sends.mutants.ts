import { behind, behindMemory } from '../../conformance/broken/behind.ts';
import { type BrokenDriver, breaking } from '../../conformance/broken/broken-driver.ts';
import { FRAME } from '../../conformance/reference.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { gvnic } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';

const LATE = { formats: ['DQO_RDA' as const], completions: { latency: 100_000 } };

/** What is copied into memory right before a doorbell is changed right behind it. */
function rewriting(port: GuestPort): GuestPort {
  const { memory } = port;
  let last = 0;
  return behind(port, {
    memory: {
      ...behindMemory(memory, (address, value, width) => memory.store(address, value, width)),
      write: (address, from) => {
        memory.write(address, from);
        if (from.length > FRAME.length / 2) last = address;
      },
    },
    write: (address, value, width) => {
      port.write(address, value, width);
      if (last !== 0) memory.store(last, 0x1234_5678, 4);
      last = 0;
    },
  });
}

export const MUTANTS: readonly BrokenDriver[] = [
  breaking(
    gvnic({ interrupts: 'polled' }),
    (nic) => nic.post(FRAME),
    () => gceN1({ nics: [{ type: 'gvnic', gvnic: LATE }] }),
  )('uses the memory of a frame again behind the doorbell', 'gvnic/TX-BUSY', rewriting),
];
