import type { Random } from '../../src/core/random.ts';
import { tcpFrame } from '../../src/guest/index.ts';
import { mutated } from '../guest/values.ts';
import { anyBytes } from './player.ts';

const PAYLOADS = [0, 1, 7, 100, 536, 1460, 4000, 20_000, 60_000];
const HEADERS = 54;

/** A TCP frame, usually a valid one. */
export function anyFrame(random: Random, checksum: 'partial' | 'complete' = 'complete'): Uint8Array {
  if (random.below(4) === 0) return anyBytes(random, 14 + random.below(1600));
  const frame = tcpFrame(
    {
      destination: anyBytes(random, 6),
      source: anyBytes(random, 6),
      sourceIp: 0x0a80_0002,
      destinationIp: 0x0a80_0003,
      sourcePort: 80,
      destinationPort: 1024 + random.below(4),
      id: random.below(0x1_0000),
      seq: random.below(4) === 0 ? random.next() : 1460 * random.below(64),
      push: random.below(2) === 0,
      fin: random.below(8) === 0,
      payload: anyBytes(random, PAYLOADS[random.below(PAYLOADS.length)]!),
    },
    checksum,
  );
  if (random.below(3) === 0) {
    const at = random.below(HEADERS);
    frame[at] = mutated(random, frame[at]!, 1);
  }
  return frame;
}
