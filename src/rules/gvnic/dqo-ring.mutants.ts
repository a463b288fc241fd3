import { changeBytes, changeDoorbells } from '../../conformance/broken/behind-gvnic.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import { breakingGvnic } from '../../conformance/broken/broken-gvnic.ts';
import { FRAME } from '../../conformance/reference.ts';
import { swap32 } from '../../core/bits.ts';
import type { GvnicDriver } from '../../guest/index.ts';
import { DQO_TX_FLAGS, DQO_TX_TYPE, dqo_tx_pkt_desc } from '../../gvnic/registers/dqo.ts';

/** The first index of the doorbells of transmit queues. */
const TRANSMIT = 0x100;
const { type_flags: FLAGS, compl_tag: TAG } = dqo_tx_pkt_desc.offset;
const { TYPE, END_OF_PACKET, REPORT_EVENT } = DQO_TX_FLAGS.mask;
/** Packets of two descriptors, more than a ring of 1024 has room for. */
const MANY = 600;

type Port = Parameters<typeof changeBytes>[0];

/** Every descriptor of bytes goes through `change`. */
const pieces = (port: Port, change: (bytes: Uint8Array) => void) =>
  changeBytes(port, dqo_tx_pkt_desc.size, (bytes) => {
    if ((bytes[FLAGS]! & TYPE) === DQO_TX_TYPE.PACKET) change(bytes);
  });
const posts = (nic: GvnicDriver) => nic.post(FRAME);
const postsTwo = (nic: GvnicDriver) => {
  nic.post(FRAME);
  nic.post(FRAME);
};

/** Private members of a driver. */
interface Insides {
  readonly card: { readonly pairs: readonly { readonly transmit: Ring }[] };
}
interface Ring {
  done: number;
  readonly tail: number;
}

/** Slots are free when their packet is completed. */
const freesByPackets = (nic: GvnicDriver) => {
  const { transmit } = (nic as unknown as Insides).card.pairs[0]!;
  for (let i = 0; i < MANY; i++) {
    nic.post(FRAME);
    transmit.done = transmit.tail;
  }
};

export const MUTANTS: readonly BrokenDriver[] = [
  breakingGvnic('DQO_RDA', posts)(
    'writes the doorbell of a DQO transmit queue big-endian',
    'gvnic/DQO-TAIL',
    (port, bdf) =>
      changeDoorbells(port, bdf, TRANSMIT, (write, address, value) => write(address, swap32(value) >>> 0, 4)),
  ),
  breakingGvnic('DQO_RDA', posts)('does not say where a packet ends', 'gvnic/DQO-END', (port) =>
    pieces(port, (bytes) => {
      bytes[FLAGS]! &= ~END_OF_PACKET;
    }),
  ),
  breakingGvnic('DQO_RDA', postsTwo)(
    'asks for a descriptor completion with each packet',
    'gvnic/DQO-SPACED',
    (port) =>
      pieces(port, (bytes) => {
        bytes[FLAGS]! |= REPORT_EVENT;
      }),
  ),
  breakingGvnic('DQO_RDA', freesByPackets)(
    'uses slots again when their packets are completed',
    'gvnic/DQO-REUSE',
    (port) => {
      let asked = false;
      return pieces(port, (bytes) => {
        const asks = (bytes[FLAGS]! & REPORT_EVENT) !== 0;
        if (asked) bytes[FLAGS]! &= ~REPORT_EVENT;
        asked ||= asks;
      });
    },
  ),
  // DPDK before August 2025, where a tag was the slot of a packet.
  breakingGvnic('DQO_RDA', postsTwo)('gives a tag that the device has', 'gvnic/DQO-TAG', (port, bdf) => {
    let rings = 0;
    const tagged = pieces(port, (bytes) => bytes.fill(0, TAG, TAG + 2));
    // One doorbell for both.
    return changeDoorbells(tagged, bdf, TRANSMIT, (write, address, value) => {
      if (++rings === 2) write(address, value, 4);
    });
  }),
];
