import { behind, behindMemory } from '../../conformance/broken/behind.ts';
import { changeBytes, changeCommand } from '../../conformance/broken/behind-gvnic.ts';
import { type BrokenDriver, breaking } from '../../conformance/broken/broken-driver.ts';
import { breakingGvnic, gvnicMachine } from '../../conformance/broken/broken-gvnic.ts';
import { FRAME } from '../../conformance/reference.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { type GvnicDriver, gvnic } from '../../guest/index.ts';
import { barAddress } from '../../guest/pci/bars.ts';
import {
  adminq_command,
  configure_flow_rule,
  describe_device,
  extended_command,
  OPCODE,
  report_stats,
  SLOT_BYTES,
} from '../../gvnic/registers/admin.ts';
import { ADMINQ_DOORBELL, GVNIC_BAR } from '../../gvnic/registers/bar0.ts';

const PAYLOAD = adminq_command.offset.payload;
/** Beyond the MTU of the card. */
const LONG_MTU = 1461;

const ruling = breaking(
  gvnic({ interrupts: 'polled' }),
  (nic) => nic.addFlowRule({ location: 0, type: 'TCPv4', queue: 0, destinationPort: 80 }),
  gvnicMachine('DQO_RDA', 'FLOW_STEERING'),
);
const broken = breakingGvnic('GQI_QPL', (nic) => nic.post(FRAME));

const wrongWord = (opcode: number, offset: number, value: number) => (port: GuestPort) =>
  changeCommand(port, opcode, (slot) => new DataView(slot.buffer).setUint32(PAYLOAD + offset, value));
/** Sends another command instead, with 1000 in some fields: the address of RAM that nothing else uses, or a length. */
const instead = (opcode: number, other: number, fields: readonly number[]) => (port: GuestPort) =>
  changeCommand(port, opcode, (slot) => {
    slot.fill(0);
    slot[3] = other;
    for (const field of fields) slot[PAYLOAD + field + 6] = 0x10;
  });

/** The slot is stored when the device has looked at it. */
function ringsFirst(port: GuestPort, bdf: number): GuestPort {
  const doorbell = (barAddress(port, bdf, GVNIC_BAR.registers)?.address ?? 0) + ADMINQ_DOORBELL.offset;
  const memory = behindMemory(port.memory, (address, value, width) =>
    port.memory.store(address, value, width),
  );
  let late = (): void => {};
  return behind(port, {
    memory: {
      ...memory,
      write: (address, from) => {
        const bytes = from.slice();
        if (bytes.length === SLOT_BYTES) late = () => port.memory.write(address, bytes);
        else port.memory.write(address, bytes);
      },
    },
    write: (address, value, width) => {
      port.write(address, value, width);
      if (address === doorbell) late();
    },
  });
}

export const MUTANTS: readonly BrokenDriver[] = [
  broken('rings for a command, and stores it then', 'gvnic/AQ-WHOLE', ringsFirst),
  broken(
    'gives a command half an address',
    'gvnic/CMD-AREA',
    wrongWord(OPCODE.DESCRIBE_DEVICE, describe_device.offset.descriptor_addr, 0xffff),
  ),
  broken(
    'asks for another version of the descriptor',
    'gvnic/CMD-DESCRIBE',
    wrongWord(OPCODE.DESCRIBE_DEVICE, describe_device.offset.version, 2),
  ),
  breakingGvnic('GQI_QPL', (nic) => nic.speed)(
    'says what it supports when it knows the device',
    'gvnic/CMD-VERIFY',
    instead(OPCODE.REPORT_LINK_SPEED, OPCODE.VERIFY_DRIVER_COMPATIBILITY, [0, 8]),
  ),
  breakingGvnic('GQI_QPL', (nic) => {
    nic.speed;
  })('writes the number of a command little-endian', 'gvnic/CMD-OPCODE', (port) =>
    changeCommand(port, OPCODE.REPORT_LINK_SPEED, (slot) => slot.set(slot.subarray(0, 4).reverse())),
  ),
  breakingGvnic('GQI_QPL', (nic) => nic.reportStatistics())(
    'gives room for half a record',
    'gvnic/CMD-STATS',
    wrongWord(OPCODE.REPORT_STATS, report_stats.offset.stats_report_len + 4, 16),
  ),
  breakingGvnic('DQO_RDA', (nic) => nic.spread([0, 1]))(
    'spreads flows over a queue that is not there',
    'gvnic/CMD-RSS',
    (port) => port,
  ),
  ruling(
    'gives an extended command of another length',
    'gvnic/CMD-INNER',
    wrongWord(OPCODE.EXTENDED_COMMAND, extended_command.offset.inner_length, 88),
  ),
  ruling('gives a flow rule beyond the last location', 'gvnic/CMD-FLOW', (port) =>
    changeBytes(port, configure_flow_rule.size, (bytes) =>
      bytes.fill(1, configure_flow_rule.offset.location),
    ),
  ),
  breakingGvnic('GQI_QPL', (nic: GvnicDriver) => nic.post(FRAME), { interrupts: 'polled', mtu: LONG_MTU })(
    'sets an MTU beyond the card’s',
    'gvnic/CMD-MTU',
    (port) => port,
  ),
  breakingGvnic('DQO_RDA', (nic) => nic.close())(
    'leaves a queue when it takes the resources back',
    'gvnic/CMD-LAST',
    instead(OPCODE.DESTROY_TX_QUEUE, OPCODE.REPORT_LINK_SPEED, [0]),
  ),
];
