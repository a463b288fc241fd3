import { Staging } from '../../../core/staging.ts';
import type { Chain } from '../../../virtio/net/events.ts';
import { ETHERNET_HEADER, NET_HDR_SIZE } from '../../../virtio/net/registers.ts';

const { legacy: SHORT, mergeable: LONG, outer: LONGEST } = NET_HDR_SIZE;
/** Offset of EtherType in a frame. */
const ETHERTYPE = ETHERNET_HEADER - 2;
/** IPv4, ARP, VLAN tags, IPv6, PPPoE, LLDP, experiments: types that show where a frame begins. */
const KNOWN: readonly number[] = [
  0x0800, 0x0806, 0x8100, 0x86dd, 0x8863, 0x8864, 0x88a8, 0x88b5, 0x88b6, 0x88cc,
];

/**
 * How many bytes of header a driver has put before a frame, by the position of EtherType.
 *
 * @example
 * new SentHeader().sizeOf(chain, 12, 0x4201);      // 10: EtherType is where a short header puts it
 */
export class SentHeader {
  private readonly bytes = new Staging(LONGEST + ETHERNET_HEADER);

  /**
   * @param expected 10 or 12, the result where nothing shows otherwise.
   * @param buffers num_buffers as the card reads it; behind a short header the first two bytes of the frame.
   */
  sizeOf(chain: Chain, expected: number, buffers: number): number {
    const other = expected === LONG ? SHORT : LONG;
    // This shows most right headers of modern drivers without a look at the frame.
    if (expected === LONG && buffers === 0) return expected;
    chain.gather(this.bytes);
    if (this.isFrameAt(expected)) return expected;
    if (this.isFrameAt(other)) return other;
    return expected === LONG && chain.lengthOf(0) === SHORT ? SHORT : expected;
  }

  private isFrameAt(header: number): boolean {
    const { bytes } = this.bytes;
    const at = header + ETHERTYPE;
    return KNOWN.includes((bytes[at]! << 8) | bytes[at + 1]!);
  }
}
