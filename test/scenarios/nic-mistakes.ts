import type { DriverModel } from '../../src/conformance/index.ts';
import { type NicDriver, virtioNet } from '../../src/guest/index.ts';
import { behindPort, type Mistaken } from './rig.ts';

/** Virtual nanoseconds that a driver waits for a frame to be taken: longer than devices are slow elsewhere. */
const [SHORT, SHORTER] = [4_000_000, 1_000_000];
const FRAMES = 12;

/** Sixty bytes, broadcast, with a mark that no frame of the suite has. */
const FRAME = Uint8Array.from({ length: 60 }, (_, i) =>
  i < 6 ? 0xff : i === 12 ? 0x88 : i === 13 ? 0xb5 : 0xa7,
);
const isMine = (frame: Uint8Array) => frame[20] === 0xa7;

/** Gives up when a frame is not taken soon. */
function impatient(interrupts: 'polled' | 'intx', patience: number): DriverModel {
  return behindPort(
    `waits for ${patience} ns`,
    virtioNet({ interrupts }),
    (port) => port,
    (nic, port) => {
      const begin = port.now();
      nic.send(FRAME);
      if (port.now() - begin > patience) throw new Error('the card is dead');
    },
  );
}

/** Sends, and counts what a wire sends back. */
function counts(nic: NicDriver): void {
  let came = 0;
  for (let i = 0; i < FRAMES; i++) nic.send(FRAME);
  for (let frame = nic.receiveWithin(SHORTER); frame !== null; frame = nic.receiveWithin(SHORTER))
    if (isMine(frame)) came++;
  if (came > 0 && came < FRAMES) throw new Error(`${came} of ${FRAMES} frames came back`);
}

export const NIC_MISTAKES: readonly Mistaken[] = [
  { scenario: 'interrupts that come late', model: impatient('intx', SHORT) },
  { scenario: 'devices that notice kicks late', model: impatient('polled', SHORTER) },
  {
    scenario: 'a link that flaps while frames are under way',
    model: behindPort('thinks that no frame is lost', virtioNet(), (port) => port, counts),
  },
];
