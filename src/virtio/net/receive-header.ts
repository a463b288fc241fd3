import type { FlowHash } from '../../net/frame/flow-hash.ts';
import type { Coalesced } from '../../net/offload/index.ts';
import { describeTunnel } from './features/tunnels.ts';
import type { NetMode } from './mode.ts';
import { NET_HDR_F, NET_HDR_GSO, NET_HDR_SIZE, virtio_net_hdr, virtio_net_hdr_hash } from './registers.ts';

const { NEEDS_CSUM, DATA_VALID, RSC_INFO } = NET_HDR_F;
const BIG = virtio_net_hdr.in('be');

/**
 * Describes in `header` what a card did to a packet whose checksums it checked (virtio 1.4, Processing of Incoming
 * Packets). With RSC_EXT the checksum fields hold the numbers of segments and of duplicate acknowledgments.
 */
export function describeJoined(header: Uint8Array, packet: Coalesced, { little, rsc }: NetMode): void {
  const { cut, ecn, segments, duplicates, sums } = packet;
  if (cut === null && duplicates === 0) {
    header[virtio_net_hdr.offset.flags] = sums === 'good' ? DATA_VALID : 0;
    return;
  }
  const flags = (cut === null ? DATA_VALID : NEEDS_CSUM) | (rsc ? RSC_INFO : 0);
  (little ? virtio_net_hdr : BIG).encode(
    {
      flags,
      gso_type: cut === null ? NET_HDR_GSO.NONE : NET_HDR_GSO[cut] | (ecn ? NET_HDR_GSO.ECN : 0),
      hdr_len: packet.headerLength,
      gso_size: packet.gsoSize,
      csum_start: rsc ? segments : packet.csumStart,
      csum_offset: rsc ? duplicates : packet.csumOffset,
    },
    header,
  );
  if (packet.within !== 0) describeTunnel(header, packet);
}

/** Puts the hash of the frame and its type into `header`; nothing if no hash was configured. */
export function describeHash(header: Uint8Array, hash: FlowHash | null): void {
  const fields = { hash_value: hash?.value ?? 0, hash_report: hash?.report ?? 0 };
  virtio_net_hdr_hash.encode(fields, header, NET_HDR_SIZE.mergeable);
}
