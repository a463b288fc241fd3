import { barAddress, enumerate, gvnic } from '../../../src/guest/index.ts';
import { DOORBELL } from '../../../src/gvnic/doorbells.ts';
import { GVNIC_BAR, GVNIC_ID } from '../../../src/gvnic/registers/bar0.ts';
import {
  DQO_TX_FLAGS,
  DQO_TX_TYPE,
  dqo_rx_buffer,
  dqo_tx_pkt_desc,
  dqo_tx_tso_desc,
} from '../../../src/gvnic/registers/dqo.ts';
import { gceN1, type Machine } from '../../../src/index.ts';
import { makeFrame, partsOf } from '../../../src/net/frame/make.ts';
import { MSS, SEGMENTS } from '../cells.ts';
import { newCount, type Work } from './ring.ts';

/** Address of the guest's buffers: RAM that no allocation reaches. */
const BUFFERS = 0x80_0000;
const BUFFER = 2048;
const BATCH = 256;
const ENTRIES = 1024;
/** Bytes of a descriptor of the large packet. */
const PIECE = 16_320;
/** A context, and four of the packet's. */
const DESCRIPTORS = 5;

/** Internals of a card. */
interface Inside {
  readonly device: {
    readonly wire: { onFrame: null };
    readonly receiver: { readonly dropped: number };
    readonly queues: {
      readonly transmit: readonly { readonly descriptors: { readonly address: number } }[];
      readonly receive: readonly { readonly posted: { readonly address: number } }[];
    };
  };
}

/** A machine whose card has DQO rings, which are filled without the driver's knowledge. */
class Rings {
  readonly machine: Machine;
  readonly inside: Inside['device'];
  private readonly doorbells: number;

  constructor(send: (frame: Uint8Array) => void) {
    const backend = { attach: () => {}, send };
    const card = { formats: ['DQO_RDA' as const] };
    this.machine = gceN1({
      ...{ judge: false, patience: false },
      nics: [{ type: 'gvnic', gvnic: card, ringSize: ENTRIES, backend }],
    });
    const { port, functions } = this.machine;
    const { bdf } = enumerate(port).find(
      ({ id }) => id.vendor === GVNIC_ID.vendor && id.device === GVNIC_ID.device,
    )!;
    gvnic({ interrupts: 'polled' }).attach(port, bdf);
    this.inside = (functions.find((fn) => fn.bdf === bdf) as unknown as Inside).device;
    this.inside.wire.onFrame = null;
    this.doorbells = barAddress(port, bdf, GVNIC_BAR.doorbells)!.address;
  }

  put(at: number, bytes: Uint8Array): void {
    this.machine.port.memory.write(at, bytes);
  }

  ring(index: number, value: number): void {
    this.machine.port.write(this.doorbells + 4 * index, value, 4);
  }
}

/** @param length of each frame. */
export function gvnicOut(length: number): Work {
  const count = newCount();
  const rings = new Rings((frame) => (count[0]! += frame.length));
  const { address } = rings.inside.queues.transmit[0]!.descriptors;
  const type_flags = DQO_TX_FLAGS.encode({ TYPE: DQO_TX_TYPE.PACKET, END_OF_PACKET: 1 });
  for (let i = 0; i < ENTRIES; i++) {
    const buf_addr = BigInt(BUFFERS + (i % BATCH) * BUFFER);
    rings.put(
      address + 16 * i,
      dqo_tx_pkt_desc.encode({ buf_addr, type_flags, compl_tag: i, buf_size: length }),
    );
  }
  let tail = 0;
  const work = (times: number) => {
    const before = count[0]!;
    let sent = 0;
    for (; sent < times; sent += BATCH) {
      tail = (tail + BATCH) % ENTRIES;
      rings.ring(DOORBELL.transmit, tail);
    }
    const made = count[0]! - before;
    if (made !== sent * length) throw new Error(`${sent} frames: ${made} bytes came out`);
  };
  return { work, made: () => count[0]! };
}

export function gvnicCut(): Work {
  let made = 0;
  const rings = new Rings(() => made++);
  const large = makeFrame({ payload: new Uint8Array(SEGMENTS * MSS).map((_, i) => i * 7), sum: 'partial' });
  const { payload } = partsOf();
  rings.put(BUFFERS, large);
  const { address } = rings.inside.queues.transmit[0]!.descriptors;
  const context = dqo_tx_tso_desc.encode({
    ...{ tso_total_len: SEGMENTS * MSS, mss: MSS, header_len: payload },
    type_flags: DQO_TX_FLAGS.encode({ TYPE: DQO_TX_TYPE.TSO_CONTEXT, END_OF_PACKET: 1 }),
  });
  const piece = (from: number) => {
    const buf_size = Math.min(PIECE, large.length - from);
    const last = from + buf_size === large.length ? 1 : 0;
    const type_flags = DQO_TX_FLAGS.encode({ TYPE: DQO_TX_TYPE.PACKET, END_OF_PACKET: last, CHECKSUM: 1 });
    return dqo_tx_pkt_desc.encode({ buf_addr: BigInt(BUFFERS + from), type_flags, compl_tag: 7, buf_size });
  };
  const one = [context, ...[0, 1, 2, 3].map((i) => piece(i * PIECE))];
  // The ring is gone round: its last packet goes on at its beginning.
  let tail = 0;
  const work = (times: number) => {
    const before = made;
    for (let i = 0; i < times; i++) {
      for (let k = 0; k < DESCRIPTORS; k++) rings.put(address + 16 * ((tail + k) % ENTRIES), one[k]!);
      tail = (tail + DESCRIPTORS) % ENTRIES;
      rings.ring(DOORBELL.transmit, tail);
    }
    if (made - before !== times * SEGMENTS)
      throw new Error(`${times} packets: ${made - before} frames came out`);
  };
  return { work, made: () => made };
}

export function gvnicIn(): Work {
  const rings = new Rings(() => {});
  const { address } = rings.inside.queues.receive[0]!.posted;
  for (let i = 0; i < ENTRIES; i++) {
    const buf_addr = BigInt(BUFFERS + (i % BATCH) * BUFFER);
    rings.put(address + dqo_rx_buffer.size * i, dqo_rx_buffer.encode({ buf_id: i, buf_addr }));
  }
  const frame = makeFrame({ payload: new Uint8Array(1446).fill(0x5a) });
  const nic = rings.machine.nics[0]!;
  let made = 0;
  const work = (times: number) => {
    for (let i = 0; i < times; i += BATCH) {
      rings.ring(DOORBELL.receive, (made + BATCH) % ENTRIES);
      for (let k = 0; k < BATCH; k++) nic.receive(frame);
      made += BATCH;
    }
    if (rings.inside.receiver.dropped > 0) throw new Error('a frame found no buffer');
  };
  return { work, made: () => made };
}
