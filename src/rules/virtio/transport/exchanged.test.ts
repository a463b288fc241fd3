import { describe, expect, test } from 'vitest';
import { behind } from '../../../conformance/broken/behind.ts';
import { CommonRegister } from '../../../conformance/broken/behind-modern.ts';
import { brokenModernNet } from '../../../conformance/broken/broken-driver.ts';
import { judgeBroken } from '../../../conformance/proofs.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { queue_device, queue_driver } from '../../../virtio/transport/modern/registers.ts';

/** The modern card driver exchanges two addresses of each queue. */
function exchanging(port: GuestPort, bdf: number): GuestPort {
  const [driver, device] = [queue_driver, queue_device].map(
    (register) => new CommonRegister(port, bdf, register).address,
  ) as [number, number];
  const others = new Map(
    [0, 4].flatMap((half) => [
      [driver + half, device + half],
      [device + half, driver + half],
    ]),
  );
  return behind(port, { write: (at, value, width) => port.write(others.get(at) ?? at, value, width) });
}

describe('addresses of the available and the used ring that are exchanged', () => {
  const { verdicts } = judgeBroken(brokenModernNet('mine', 'virtio/VQ-IMP-28', exchanging));
  const saidOf = (id: string) => verdicts.find(({ clause }) => clause === id)!.findings[0]!.said;

  test.each(['virtio/VQ-IMP-27', 'virtio/VQ-IMP-28'])('are what the finding of %s suggests', (clause) => {
    expect(saidOf(clause)).toMatch(/may be exchanged$/);
  });
});
