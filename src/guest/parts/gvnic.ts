import { GvnicDriver, gvnic } from '../drivers/gvnic/driver.ts';
import { FRAME } from './net.ts';
import { pciPart } from './part.ts';

/** Virtual nanoseconds of silence that end a burst. */
const SILENCE = 1_000_000;

/** Facts about a gVNIC, from its descriptor and from frames sent. */
export interface GvnicFacts {
  /** `42:01:0a:80:00:02` */
  readonly mac: string;
  readonly linkUp: boolean;
  readonly mtu: number;
  /** The formats that it offers, and the one that was used. */
  readonly formats: readonly string[];
  readonly format: string;
  readonly framesSent: number;
  /** Frames received meanwhile, complete. */
  readonly received: readonly Uint8Array[];
}

export const gvnicsPart = pciPart<GvnicDriver, GvnicFacts>({
  // It has no INTx.
  driver: ({ interrupts } = {}) =>
    gvnic(interrupts === undefined ? {} : { interrupts: interrupts === 'polled' ? 'polled' : 'msix' }),
  handle: GvnicDriver,
  use: (nic) => {
    nic.send(FRAME);
    while (nic.receive() !== null);
  },
  probe: (nic, { frames, silence = SILENCE }) => {
    for (const frame of frames) nic.send(frame);
    const received: Uint8Array[] = [];
    for (let frame = nic.receiveWithin(silence); frame !== null; frame = nic.receiveWithin(silence))
      received.push(frame);
    const { mac, linkUp, mtu, formats, format } = nic;
    return { mac, linkUp, mtu, formats, format, framesSent: frames.length, received };
  },
});
