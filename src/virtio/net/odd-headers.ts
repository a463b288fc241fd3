import type { BitSet } from '../../core/bit-set.ts';
import type { Packet } from './backlog.ts';
import { ODD_TUNNELS, OddTunnels } from './odd-tunnels.ts';
import { NET_FEATURE, virtio_net_hdr } from './registers.ts';

const at = virtio_net_hdr.offset;
/** A flag that no version of the standard defines. */
const SPARE_FLAG = 0x80;
/** Offsets within a frame, far after it, and beyond everything. */
const WILD = [2, 0x1000, 0xfffe] as const;
/** Too short for any header; too long for any frame. */
const LENGTHS = [0, 1, 0xffff] as const;

/** Oddities that a device may put into the header of a received frame, and that a driver must not use. */
const UNUSED = ['flags', 'checksum', 'hdr_len'] as const;
/** These, and oddities of tunnels that it must not use or must not accept. */
export const ODD_FIELDS = [...UNUSED, ...ODD_TUNNELS] as const;
export type OddField = (typeof ODD_FIELDS)[number];

/**
 * Fills header fields that no driver may use, in every second packet: an unknown flag, if flags may be set at all; the
 * checksum fields without a partial checksum; the header length of a large frame; for tunnels, see
 * `OddTunnels`.
 */
export class OddHeaders {
  /** Number of headers that were changed. */
  given = 0;
  /** GUEST_CSUM is on: otherwise flags are 0. */
  private flagged = false;
  private turn = 0;
  private readonly fields: readonly (typeof UNUSED)[number][];
  private readonly tunnels: OddTunnels;

  constructor(fields: readonly OddField[]) {
    this.fields = UNUSED.filter((field) => fields.includes(field));
    this.tunnels = new OddTunnels(ODD_TUNNELS.filter((field) => fields.includes(field)));
  }

  get asked(): boolean {
    return this.fields.length > 0 || this.tunnels.asked;
  }

  negotiated(accepted: BitSet): void {
    this.flagged = accepted.has(NET_FEATURE.GUEST_CSUM);
    this.tunnels.negotiated(accepted);
  }

  fill(packet: Packet, little: boolean): void {
    if (!this.asked) return;
    const odd = this.turn++ % 2 === 1;
    if (this.tunnels.fill(packet, odd, this.given)) this.given++;
    if (odd) this.fillUnused(packet, little);
  }

  private fillUnused({ header, gsoSize }: Packet, little: boolean): void {
    const which = this.given % WILD.length;
    const put = (offset: number, value: number) => {
      header[offset] = little ? value & 0xff : value >> 8;
      header[offset + 1] = little ? value >> 8 : value & 0xff;
    };
    for (const field of this.fields) {
      if (field === 'flags' ? !this.flagged : (field === 'hdr_len') !== gsoSize > 0) continue;
      this.given++;
      if (field === 'flags') header[at.flags]! |= SPARE_FLAG;
      if (field === 'hdr_len') put(at.hdr_len, LENGTHS[which]!);
      if (field !== 'checksum') continue;
      put(at.csum_start, WILD[which]!);
      put(at.csum_offset, WILD[(which + 1) % WILD.length]!);
    }
  }
}
