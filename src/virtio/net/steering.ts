const SLOTS = 256;

/**
 * Automatic receive steering (virtio 1.4, Automatic receive steering in multiqueue mode): a flow's frames come in
 * on the pair on which the guest last sent for that flow. The hash is the same for both directions.
 */
export class Steering {
  private readonly pairs = new Uint16Array(SLOTS);

  sent(frame: Uint8Array, pair: number): void {
    this.pairs[hash(frame)] = pair;
  }

  pairFor(frame: Uint8Array): number {
    return this.pairs[hash(frame)]!;
  }

  reset(): void {
    this.pairs.fill(0);
  }
}

/** Folds the two addresses and the two ports of an IPv4 frame; frames of other kinds are one flow. */
function hash(frame: Uint8Array): number {
  if (frame.length < 38 || frame[12] !== 0x08 || frame[13] !== 0x00) return 0;
  let sum = 0;
  for (let i = 26; i < 34; i++) sum ^= frame[i]!;
  for (let i = 34; i < 38; i++) sum ^= frame[i]!;
  return sum;
}
