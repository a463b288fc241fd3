import type { BitSet } from '../../core/bit-set.ts';
import type { Packet } from './backlog.ts';
import { ODD_TUNNELS, OddTunnels } from './odd-tunnels.ts';
import { NET_FEATURE, virtio_net_hdr } from './registers.ts';

const at = virtio_net_hdr.offset;
/** No version of the standard has it. */
const SPARE_FLAG = 0x80;
/** Within a frame, far behind it, and behind everything. */
const WILD = [2, 0x1000, 0xfffe] as const;
/** No header is so short; no frame is so long. */
const LENGTHS = [0, 1, 0xffff] as const;

/** What a device may have in the header of a frame that comes, and a driver is not to use. */
const UNUSED = ['flags', 'checksum', 'hdr_len'] as const;
/** These, and what of tunnels it is not to use or not to accept. */
export const ODD_FIELDS = [...UNUSED, ...ODD_TUNNELS] as const;
export type OddField = (typeof ODD_FIELDS)[number];

/**
 * Fills in what no driver is to use of the headers of every second packet: a flag that nobody knows, where flags may be
 * set at all; the fields of a checksum that is not open; the length of the headers of a large frame; of tunnels, see
 * `OddTunnels`.
 */
export class OddHeaders {
  /** In so many headers something was filled in. */
  given = 0;
  /** GUEST_CSUM is on: else flags are 0. */
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
