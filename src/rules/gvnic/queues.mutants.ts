import { behind } from '../../conformance/broken/behind.ts';
import { changeCommand } from '../../conformance/broken/behind-gvnic.ts';
import { type BrokenDriver, breaking } from '../../conformance/broken/broken-driver.ts';
import { breakingGvnic, gvnicMachine } from '../../conformance/broken/broken-gvnic.ts';
import { FRAME } from '../../conformance/reference.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { type GvnicDriver, gvnic } from '../../guest/index.ts';
import { adminq_command, create_rx_queue, create_tx_queue, OPCODE } from '../../gvnic/registers/admin.ts';
import { gqi_tx_pkt_desc } from '../../gvnic/registers/gqi.ts';

const PAYLOAD = adminq_command.offset.payload;
const { CREATE_TX_QUEUE: TX, CREATE_RX_QUEUE: RX } = OPCODE;
/** Entries of a ring, and more than hardware takes. */
const [ENTRIES, TOO_MANY] = [1024, 4096];
const RING_BYTES = ENTRIES * gqi_tx_pkt_desc.size;
const CACHE_LINE = 64;

const polled = gvnic({ interrupts: 'polled' });
const posts = (nic: GvnicDriver) => nic.post(FRAME);
const closes = (nic: GvnicDriver) => nic.close();
const broken = breakingGvnic('GQI_QPL', posts);
const brokenDqo = breakingGvnic('DQO_RDA', posts);

/** A command with another number in a field. */
const wrong = (opcode: number, width: 2 | 4, offset: number, value: number) => (port: GuestPort) =>
  changeCommand(port, opcode, (slot) => {
    const view = new DataView(slot.buffer);
    if (width === 2) view.setUint16(PAYLOAD + offset, value);
    else view.setUint32(PAYLOAD + offset, value);
  });
/** Another place for the transmit ring. */
const placing = (port: GuestPort, allocate: (bytes: number, align: number) => number) =>
  behind(port, {
    allocate: (bytes, align) => (bytes === RING_BYTES ? allocate(bytes, align) : port.allocate(bytes, align)),
  });

export const MUTANTS: readonly BrokenDriver[] = [
  // DPDK before 2026.
  breaking(polled, posts, gvnicMachine('GQI_QPL', 'MODIFY_RING'))(
    'makes a ring as long as the option allows',
    'gvnic/RING-LISTED',
    (port) =>
      wrong(
        TX,
        2,
        create_tx_queue.offset.tx_ring_size,
        TOO_MANY,
      )(placing(port, (bytes, align) => port.allocate((bytes * TOO_MANY) / ENTRIES, align))),
  ),
  broken('places a ring anywhere', 'gvnic/RING-ALIGNED', (port) =>
    placing(port, (bytes, align) => port.allocate(bytes + CACHE_LINE, align) + CACHE_LINE / 4),
  ),
  broken('places a ring in another', 'gvnic/RING-APART', (port) =>
    changeCommand(port, RX, (slot) => {
      const { rx_desc_ring_addr, rx_data_ring_addr } = create_rx_queue.offset;
      slot.copyWithin(PAYLOAD + rx_data_ring_addr, PAYLOAD + rx_desc_ring_addr, PAYLOAD + rx_data_ring_addr);
    }),
  ),
  brokenDqo('leaves old completions in a ring', 'gvnic/RING-CLEAR', (port) =>
    changeCommand(port, TX, (slot) => {
      const { tx_comp_ring_addr } = create_tx_queue.decode(slot, PAYLOAD);
      port.memory.store(Number(tx_comp_ring_addr) + 1, 0x80, 1);
    }),
  ),
  broken(
    'gives both queues one block',
    'gvnic/QUEUE-BLOCK-OWN',
    wrong(RX, 4, create_rx_queue.offset.ntfy_id, 0),
  ),
  broken(
    'asks for headers apart, with GQI rings',
    'gvnic/QUEUE-HEADERS',
    wrong(RX, 2, create_rx_queue.offset.header_buffer_size, 128),
  ),
  broken(
    'does not say how long its buffers are',
    'gvnic/BUFFER-SAID',
    wrong(RX, 2, create_rx_queue.offset.packet_buffer_size, 0),
  ),
  brokenDqo(
    'names a list of pages for addresses',
    'gvnic/QPL-RAW',
    wrong(TX, 4, create_tx_queue.offset.queue_page_list_id, 0),
  ),
  breakingGvnic('GQI_QPL', closes)('takes a list back first', 'gvnic/QPL-BUSY', (port) =>
    changeCommand(port, OPCODE.DESTROY_TX_QUEUE, (slot) => {
      slot[3] = OPCODE.UNREGISTER_PAGE_LIST;
    }),
  ),
  breakingGvnic('DQO_RDA', closes)('frees its rings first', 'gvnic/MEM-FREED', (port) => {
    const freed = new Set<number>();
    const rings: number[] = [];
    const given = behind(port, {
      allocate: (bytes, align) => {
        const at = port.allocate(bytes, align);
        if (bytes === RING_BYTES) rings.push(at);
        return at;
      },
      release: (at) => {
        if (!freed.has(at)) port.release(at);
      },
    });
    return changeCommand(given, OPCODE.DESTROY_TX_QUEUE, () => {
      for (const at of rings) {
        freed.add(at);
        port.release(at);
      }
    });
  }),
];
