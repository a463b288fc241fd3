import { scripts } from '../../script.proof.ts';
import { type DELIVERIES, type DeliveryKnows, DeliveryWatch, type Oddity, type Plain } from './deliveries.ts';

const FRAME = 'frame 2, 60 bytes,';

function told(oddity: Oddity | Plain, broken: Partial<DeliveryKnows>) {
  const run = (what: typeof broken) => (watch: DeliveryWatch) =>
    watch.received({ subject: 'net0', oddity, lost: null, strange: null, taken: null, ...what });
  return { breaks: run(broken), keeps: run({}) };
}

export const DELIVERY_PROOFS = scripts<DeliveryWatch, keyof typeof DELIVERIES>(
  (journal) => new DeliveryWatch(journal),
  {
    'virtio/NET-RX-D1': told('flags', { lost: FRAME }),
    'virtio/NET-RX-D3': told('checksum', { lost: FRAME }),
    'virtio/NET-RX-D4': told('hdr_len', { strange: FRAME }),
    'virtio/NET-RX-D6': told('tunnel_both', { taken: FRAME }),
    'virtio/NET-RX-D7': told('tunnel_offsets', { lost: FRAME }),
    'virtio/NET-RX-D8': told('tunnel_unsound', { taken: FRAME }),
    'virtio/NET-RX-D9': told('tunnel_csum', { taken: FRAME }),
    'virtio/NET-RX-IMP-1': told('merged', { strange: FRAME }),
    'virtio/NET-RX-IMP-2': told('plain', { strange: FRAME }),
    'virtio/NET-IMP-12': told('sent', { strange: FRAME }),
    'virtio/NET-IMP-14': told('many', { lost: 'a frame after 9 others' }),
    'virtio/VQ-USED-D1': told('spoil', { strange: FRAME }),
  },
);
