import { scripts } from '../../script.proof.ts';
import type { DELIVERIES, Oddity } from './deliveries.ts';
import { DeliveryWatch } from './delivery-watch.ts';

const FRAME = 'frame 2, 60 bytes,';

function told(oddity: Oddity, broken: { readonly lost?: string; readonly strange?: string }) {
  const run = (what: typeof broken) => (watch: DeliveryWatch) =>
    watch.received({ subject: 'net0', oddity, lost: null, strange: null, ...what });
  return { breaks: run(broken), keeps: run({}) };
}

export const DELIVERY_PROOFS = scripts<DeliveryWatch, keyof typeof DELIVERIES>(
  (journal) => new DeliveryWatch(journal),
  {
    'virtio/NET-RX-D1': told('flags', { lost: FRAME }),
    'virtio/NET-RX-D3': told('checksum', { lost: FRAME }),
    'virtio/NET-RX-D4': told('hdr_len', { strange: FRAME }),
    'virtio/VQ-USED-D1': told('spoil', { strange: FRAME }),
  },
);
