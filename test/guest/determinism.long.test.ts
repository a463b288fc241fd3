import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { partOf, repeats } from '../repeats.ts';
import { boot, guestMachine } from './guest.ts';

/** One commit in two: the others boot by the host's clock. */
const isPlayed = partOf([true], 2, 0).length > 0;
const BOOTS = repeats(2, 50);

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');

async function fingerprint(): Promise<{ text: string; ram: string; now: number }> {
  const { machine, text } = await boot(guestMachine());
  const [ram] = machine.chassis.board.memory.ranges;
  return { text: sha256(text), ram: sha256(ram!.bytes), now: machine.now };
}

test.runIf(isPlayed)(
  `${BOOTS} boots print the same, leave the same in all of RAM and take the same time`,
  async () => {
    const first = await fingerprint();
    for (let again = 1; again < BOOTS; again++) expect(await fingerprint()).toEqual(first);
  },
  3_600_000,
);
