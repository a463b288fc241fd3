import type { ByteReader } from '../../../core/byte-reader.ts';
import type { Coalescing } from '../features/coalescing.ts';
import { type CommandedCard, type Served, served } from '../features/feature.ts';
import { virtio_net_ctrl_coal, virtio_net_ctrl_coal_vq } from '../registers/commands.ts';

const at = virtio_net_ctrl_coal.offset;
const { size: BEHIND_INDEX } = virtio_net_ctrl_coal_vq;

export const COALESCING: readonly Served[] = [
  served('NOTF_COAL_TX_SET', (card, data) => setAll(card, 'transmit', read(data, 0))),
  served('NOTF_COAL_RX_SET', (card, data) => setAll(card, 'receive', read(data, 0))),
  served('NOTF_COAL_VQ_SET', (card, data) => {
    const queue = data.u16(0);
    if (!isFor(card, queue)) return false;
    card.moderation.set(queue, read(data, BEHIND_INDEX));
    return true;
  }),
  served('NOTF_COAL_VQ_GET', (card, data) => {
    const queue = data.u16(0);
    return isFor(card, queue) && virtio_net_ctrl_coal.in(card.endian).encode(card.moderation.of(queue));
  }),
];

function read(data: ByteReader, from: number): Coalescing {
  return { max_packets: data.u32(from + at.max_packets), max_usecs: data.u32(from + at.max_usecs) };
}

function setAll(card: CommandedCard, kind: 'receive' | 'transmit', coalescing: Coalescing): true {
  card.asked.coalescing[kind] = coalescing;
  for (let queue = 0; queue < card.queueCount; queue++)
    if (card.kindOf(queue) === kind) card.moderation.set(queue, coalescing);
  return true;
}

function isFor(card: CommandedCard, queue: number): boolean {
  const kind = card.kindOf(queue);
  return kind === 'receive' || kind === 'transmit';
}
