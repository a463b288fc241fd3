import { IPV6_EXTENSION, ipv6 } from './headers.ts';
import { extensionLength } from './ip-options.ts';

const { HOP_BY_HOP, ROUTING, DESTINATION } = IPV6_EXTENSION;
const { next_header, source, destination } = ipv6.offset;
/** RFC 6275, sections 6.3 and 6.4: a mobile node's home address, as an option and as a routing type. */
const [HOME_OPTION, HOME_ROUTE] = [201, 2];
const [ROUTE_TYPE, HOME_ADDRESS_AT] = [2, 8];
const OPTIONS = 2;
const PAD1 = 0;
const ADDRESS = 16;

/** Positions of an IPv6 packet's home addresses; reused from packet to packet. */
export class HomeAddresses {
  source = 0;
  destination = 0;

  /** Finds them in the extension headers after the header at `ip`; by default they are the header's own. */
  find(frame: Uint8Array, ip: number): void {
    this.source = ip + source;
    this.destination = ip + destination;
    let kind = frame[ip + next_header]!;
    for (let at = ip + ipv6.size; kind === HOP_BY_HOP || kind === ROUTING || kind === DESTINATION; ) {
      if (at + 2 > frame.length) return;
      const end = at + extensionLength(frame, at, kind);
      if (end > frame.length) return;
      if (kind === DESTINATION) this.findOption(frame, at + OPTIONS, end);
      if (kind === ROUTING && frame[at + ROUTE_TYPE] === HOME_ROUTE && at + HOME_ADDRESS_AT + ADDRESS <= end)
        this.destination = at + HOME_ADDRESS_AT;
      kind = frame[at]!;
      at = end;
    }
  }

  private findOption(frame: Uint8Array, from: number, end: number): void {
    for (let at = from; at + 2 <= end; ) {
      if (frame[at] === HOME_OPTION && frame[at + 1] === ADDRESS && at + 2 + ADDRESS <= end)
        this.source = at + 2;
      at += frame[at] === PAD1 ? 1 : 2 + frame[at + 1]!;
    }
  }
}
