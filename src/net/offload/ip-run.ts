import { get16 } from '../frame/big-endian.ts';
import { FLAGS_FRAGMENT, ipv4, ipv6 } from '../frame/headers.ts';
import { FrameLayout } from '../frame/layout.ts';
import { same } from '../frame/same.ts';

const { DF } = FLAGS_FRAGMENT.mask;
const { tos, total_length, identification, flags_fragment, header_checksum, source } = ipv4.offset;
const { version_class_flow, payload_length, next_header } = ipv6.offset;

/** A run of IP packets with headers that are equal but for lengths, identification and checksums. */
export class IpRun {
  /** For each packet. */
  readonly at = new FrameLayout();
  /** Increment of the identification from packet to packet: 1, or 0 once two had the same. */
  private step = 1;

  begin(at: FrameLayout): void {
    this.at.be(at);
    this.step = 1;
  }

  /** Whether `frame` has the header of `first` but for these fields. */
  isAlike(frame: Uint8Array, first: Uint8Array): boolean {
    const { ip, version } = this.at;
    if (version === 6)
      return (
        same(frame, first, ip + version_class_flow, ip + payload_length) &&
        same(frame, first, ip + next_header, ip + ipv6.size)
      );
    return (
      same(frame, first, ip + tos, ip + total_length) &&
      same(frame, first, ip + flags_fragment, ip + header_checksum) &&
      same(frame, first, ip + source, ip + ipv4.size)
    );
  }

  /** Counts up by one, or is constant, which only an unfragmentable packet may have (RFC 6864). */
  isNext(frame: Uint8Array, first: Uint8Array, count: number): boolean {
    const { ip, version } = this.at;
    if (version === 6) return true;
    const began = get16(first, ip + identification);
    const found = get16(frame, ip + identification);
    const counts = found === ((began + count) & 0xffff);
    const stays = found === began && (get16(first, ip + flags_fragment) & DF) !== 0;
    if (count === 1) return counts || stays;
    return this.step === 1 ? counts : stays;
  }

  /** The second packet decides whether the identification counts up. */
  second(frame: Uint8Array, first: Uint8Array): void {
    const { ip, version } = this.at;
    if (version === 4)
      this.step = get16(frame, ip + identification) === get16(first, ip + identification) ? 0 : 1;
  }
}
