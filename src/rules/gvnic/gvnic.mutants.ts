import { behind, rewriteConfig } from '../../conformance/broken/behind.ts';
import {
  changeBytes,
  changeCommand,
  changeDoorbells,
  changeRegister,
} from '../../conformance/broken/behind-gvnic.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import { breakingGvnic, gvnicMachine } from '../../conformance/broken/broken-gvnic.ts';
import { FRAME } from '../../conformance/reference.ts';
import { swap32 } from '../../core/bits.ts';
import { type GvnicDriver, gvnic } from '../../guest/index.ts';
import { barAddress } from '../../guest/pci/bars.ts';
import { adminq_command, create_rx_queue, create_tx_queue, OPCODE } from '../../gvnic/registers/admin.ts';
import * as reg from '../../gvnic/registers/bar0.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import { GQI_IRQ } from '../../gvnic/registers/doorbells.ts';
import { COMMAND } from '../../pci/registers.ts';

const PAYLOAD = adminq_command.offset.payload;
const STATUS_LOW = adminq_command.offset.status + 3;
/** The first index of the doorbells of transmit queues, and of blocks. */
const [TRANSMIT, BLOCK] = [0x100, 0x300];
/** Bytes of the array that names the pages of a transmit queue. */
const LIST_BYTES = 128 * 8;

const posts = (nic: GvnicDriver) => nic.post(FRAME);
const polled = gvnic({ interrupts: 'polled' });

const broken = breakingGvnic('GQI_QPL', posts);
const brokenDqo = breakingGvnic('DQO_RDA', posts);
/** By messages: it sends a frame, and waits for it. */
const hears = breakingGvnic('GQI_QPL', (nic) => nic.send(FRAME), {});
const hearsDqo = breakingGvnic('DQO_RDA', (nic) => nic.send(FRAME), {});

/** Sends another command instead, which passes: it is about RAM that nothing else uses. */
const asksForSpeed = (slot: Uint8Array) => {
  slot.fill(0);
  slot[3] = OPCODE.REPORT_LINK_SPEED;
  slot[PAYLOAD + 6] = 0x10;
};
/** A command whose payload has `value` in 32 bits at `offset`. */
const wrongWord =
  (opcode: number, offset: number, value: number) => (port: Parameters<typeof changeCommand>[0]) =>
    changeCommand(port, opcode, (slot) => new DataView(slot.buffer).setUint32(PAYLOAD + offset, value));
const wrongHalf =
  (opcode: number, offset: number, value: number) => (port: Parameters<typeof changeCommand>[0]) =>
    changeCommand(port, opcode, (slot) => new DataView(slot.buffer).setUint16(PAYLOAD + offset, value));
const { CREATE_TX_QUEUE: TX, CREATE_RX_QUEUE: RX, CONFIGURE_DEVICE_RESOURCES: CONFIGURE } = OPCODE;

/** Numbers in CONFIGURE_DEVICE_RESOURCES. */
const [COUNTERS_AT, BLOCKS_AT, FORMAT_AT] = [16, 20, 32];
const MASTER = COMMAND.mask.BUS_MASTER;

export const MUTANTS: readonly BrokenDriver[] = [
  broken('never turns bus mastering on for its gVNIC', 'gvnic/REG-MASTER', (port) =>
    rewriteConfig(port, (at, value) => (at === COMMAND.offset ? value & ~MASTER : value)),
  ),
  broken('writes its version as words', 'gvnic/REG-WIDTH', (port, bdf) => {
    const at = (barAddress(port, bdf, reg.GVNIC_BAR.registers)?.address ?? 0) + reg.DRIVER_VERSION.offset;
    return behind(port, {
      write: (address, value, width) =>
        address === at ? port.write(at - 3, value << 24, 4) : port.write(address, value, width),
    });
  }),
  broken('writes 1 to device_status', 'gvnic/REG-READONLY', (port, bdf) =>
    changeRegister(port, bdf, reg.ADMINQ_PFN, (write, value) => {
      write(1, reg.DEVICE_STATUS);
      write(value);
    }),
  ),
  broken('writes the place of its commands little-endian', 'gvnic/AQ-RAM', (port, bdf) =>
    changeRegister(port, bdf, reg.ADMINQ_PFN, (write, value) => write(swap32(value) >>> 0)),
  ),
  // Another driver left the card running.
  broken('takes a gVNIC over as it is', 'gvnic/AQ-RELEASE', (port, bdf) => {
    polled.attach(port, bdf);
    const at = (barAddress(port, bdf, reg.GVNIC_BAR.registers)?.address ?? 0) + reg.ADMINQ_PFN.offset;
    return behind(port, { read: (address, width) => (address === at ? 0 : port.read(address, width)) });
  }),
  broken('rings twice for a command', 'gvnic/AQ-COUNT', (port, bdf) =>
    changeRegister(port, bdf, reg.ADMINQ_DOORBELL, (write, value) => {
      write(value);
      write(value);
    }),
  ),
  broken('posts commands with the status that they had', 'gvnic/AQ-STATUS', (port) =>
    changeCommand(port, OPCODE.DESCRIBE_DEVICE, (slot) => slot.fill(1, STATUS_LOW, STATUS_LOW + 1)),
  ),
  broken('leaves old bytes behind a command', 'gvnic/AQ-ZERO', (port) =>
    changeCommand(port, OPCODE.REGISTER_PAGE_LIST, (slot) => slot.fill(1, 63)),
  ),
  broken('registers pages before the device has resources', 'gvnic/CMD-ORDER', (port) =>
    changeCommand(port, CONFIGURE, asksForSpeed),
  ),
  broken(
    'counts in more counters than there are',
    'gvnic/CMD-COUNTERS',
    wrongWord(CONFIGURE, COUNTERS_AT, 3),
  ),
  broken('asks for a block for each vector', 'gvnic/CMD-BLOCKS', wrongWord(CONFIGURE, BLOCKS_AT, 3)),
  broken('chooses a format that is not offered', 'gvnic/CMD-FORMAT', (port) =>
    changeCommand(port, CONFIGURE, (slot) =>
      slot.fill(QUEUE_FORMAT.GQI_RDA, PAYLOAD + FORMAT_AT, PAYLOAD + FORMAT_AT + 1),
    ),
  ),
  brokenDqo('takes packet types for numbers of its own', 'gvnic/CMD-PTYPES', (port) =>
    changeCommand(port, OPCODE.GET_PTYPE_MAP, asksForSpeed),
  ),
  broken('registers something that is no page', 'gvnic/QPL-PAGES', (port) =>
    changeBytes(port, LIST_BYTES, (list) => {
      list[7] = 4;
    }),
  ),
  broken(
    'gives each list of pages the same number',
    'gvnic/QPL-ID',
    wrongWord(OPCODE.REGISTER_PAGE_LIST, 0, 0),
  ),
  broken(
    'names a list that is not registered',
    'gvnic/QPL-KNOWN',
    wrongWord(TX, create_tx_queue.offset.queue_page_list_id, 9),
  ),
  broken('numbers its queues from one', 'gvnic/QUEUE-ID', wrongWord(TX, create_tx_queue.offset.queue_id, 1)),
  broken(
    'chooses the size of a ring',
    'gvnic/RING-SIZE',
    wrongHalf(TX, create_tx_queue.offset.tx_ring_size, 512),
  ),
  broken(
    'gives a ring half an address',
    'gvnic/RING-RAM',
    wrongWord(TX, create_tx_queue.offset.tx_ring_addr, 0xffff),
  ),
  broken('numbers blocks by vectors', 'gvnic/QUEUE-BLOCK', wrongWord(TX, create_tx_queue.offset.ntfy_id, 7)),
  broken(
    'has receive buffers of a size of its own',
    'gvnic/BUFFER-SIZE',
    wrongHalf(RX, create_rx_queue.offset.packet_buffer_size, 1024),
  ),
  {
    ...broken(
      'has receive buffers of a page with GQI rings, for which the option is not meant',
      'gvnic/BUFFER-TOLD',
      wrongHalf(RX, create_rx_queue.offset.packet_buffer_size, 4096),
    ),
    machine: gvnicMachine('GQI_QPL', 'BUFFER_SIZES'),
  },
  broken('asks a GQI queue to join segments', 'gvnic/QUEUE-RSC', (port) =>
    changeCommand(port, RX, (slot) =>
      slot.fill(
        1,
        PAYLOAD + create_rx_queue.offset.enable_rsc,
        PAYLOAD + create_rx_queue.offset.enable_rsc + 1,
      ),
    ),
  ),
  broken('rings a doorbell by halves', 'gvnic/DB-WIDTH', (port, bdf) =>
    changeDoorbells(port, bdf, TRANSMIT, (write, address, value) => {
      write(address, value & 0xffff, 2);
      write(address + 2, value >>> 16, 2);
    }),
  ),
  broken('takes the index of a doorbell for granted', 'gvnic/DB-INDEX', (port, bdf) =>
    changeDoorbells(port, bdf, TRANSMIT, (write, address, value) => write(address + 4, value, 4)),
  ),
  hears('writes the doorbells of blocks little-endian', 'gvnic/IRQ-GQI', (port, bdf) =>
    changeDoorbells(port, bdf, BLOCK, (write, address, value) =>
      write(address, value === 0 ? 0x0100_0000 : value, 4),
    ),
  ),
  hears('acknowledges without EVENT', 'gvnic/IRQ-EVENT', (port, bdf) =>
    changeDoorbells(port, bdf, BLOCK, (write, address, value) =>
      write(address, swap32((swap32(value) >>> 0) & ~GQI_IRQ.mask.EVENT) >>> 0, 4),
    ),
  ),
  hearsDqo('sets a bit of a DQO doorbell that is none', 'gvnic/IRQ-DQO', (port, bdf) =>
    changeDoorbells(port, bdf, BLOCK, (write, address, value) => write(address, value | 4, 4)),
  ),
  // DPDK before August 2025, which wrote the GQI word MASK.
  hearsDqo('masks a block with DQO rings as one with GQI rings', 'gvnic/IRQ-INTERVAL', (port, bdf) =>
    changeDoorbells(port, bdf, BLOCK, (write, address, value) => {
      write(address, swap32(GQI_IRQ.mask.MASK) >>> 0, 4);
      write(address, value, 4);
    }),
  ),
  broken('writes the doorbell of a GQI ring little-endian', 'gvnic/TX-COUNT', (port, bdf) =>
    changeDoorbells(port, bdf, TRANSMIT, (write, address, value) => write(address, swap32(value) >>> 0, 4)),
  ),
  breakingGvnic('GQI_QPL', (nic) => nic.post(new Uint8Array(600)))(
    'counts packets in a doorbell, not descriptors',
    'gvnic/TX-END',
    (port, bdf) =>
      changeDoorbells(port, bdf, TRANSMIT, (write, address, value) =>
        write(address, swap32((swap32(value) >>> 0) - 1) >>> 0, 4),
      ),
  ),
];
