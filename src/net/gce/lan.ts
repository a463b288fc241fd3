import type { NetPort } from '../backends/backend.ts';
import { type Ipv4, macOf, replyTo, requestIn } from '../stack/address.ts';
import { type Datagram, datagramIn, frameOf } from '../stack/datagram.ts';

const BROADCAST: Ipv4 = 0xffff_ffff;
const BROADCAST_MAC = new Uint8Array(6).fill(0xff);
const SOURCE = { at: 6, end: 12 } as const;

/** The wire between one guest and the gateway, which answers for every address but the guest's own. */
export class Lan {
  port: NetPort | null = null;
  readonly mac: Uint8Array;
  private readonly guest: Ipv4;
  /** The guest's MAC address, as last seen; until then, that of Compute Engine. */
  private guestMac: Uint8Array;
  private identification = 0;

  constructor(guest: Ipv4, gateway: Ipv4) {
    this.guest = guest;
    this.mac = macOf(gateway);
    this.guestMac = macOf(guest);
  }

  /** The datagram in a frame of the guest, if any; an ARP request is answered here. */
  take(frame: Uint8Array): Datagram | null {
    const question = requestIn(frame);
    const datagram = question === null ? datagramIn(frame) : null;
    if (question === null && datagram === null) return null;
    this.guestMac = frame.slice(SOURCE.at, SOURCE.end);
    if (question !== null) this.resolve(question);
    return datagram;
  }

  give(datagram: Datagram): void {
    const destination = datagram.destination === BROADCAST ? BROADCAST_MAC : this.guestMac;
    this.identification = (this.identification + 1) & 0xffff;
    this.port?.receive(frameOf({ source: this.mac, destination }, datagram, this.identification));
  }

  /** A guest that asks for its own address looks for a duplicate. */
  private resolve({ from, of, by }: NonNullable<ReturnType<typeof requestIn>>): void {
    if (of !== this.guest && of !== by) this.port?.receive(replyTo(from, by, this.mac, of));
  }
}
