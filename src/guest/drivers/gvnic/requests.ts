import {
  configure_rss,
  OPCODE,
  PAGE,
  PARAMETER_MTU,
  RSS_TOEPLITZ,
  RSS_TYPE,
  report_link_speed,
  report_stats,
  set_driver_parameter,
  stats,
  stats_report,
} from '../../../gvnic/registers/admin.ts';
import type { AdminDriver } from './admin.ts';
import type { LentMemory } from './memory.ts';

/** Records of a transmit queue, of a receive queue, and of the device for each receive queue. */
const RECORDS = { transmit: 6, receive: 2, device: 4 } as const;
const MILLISECONDS = 20_000n;
const WORD = 4;

/** Only while there is no queue. */
export function setMtu(admin: AdminDriver, mtu: number): void {
  const parameter = { parameter_type: PARAMETER_MTU, parameter_value: BigInt(mtu) };
  admin.must(OPCODE.SET_DRIVER_PARAMETER, set_driver_parameter, parameter);
}

/** Mbit/s. */
export function readSpeed(admin: AdminDriver, { port }: LentMemory): number {
  const answer = port.allocate(8, 8);
  admin.must(OPCODE.REPORT_LINK_SPEED, report_link_speed, { link_speed_address: BigInt(answer) });
  const bytes = new Uint8Array(8);
  port.memory.read(answer, bytes);
  port.release(answer);
  return Number(new DataView(bytes.buffer).getBigUint64(0));
}

/** Has the device count into memory of the driver's, every 20 seconds. */
export function reportStatistics(admin: AdminDriver, lent: LentMemory, pairs: number): void {
  const records = pairs * (RECORDS.transmit + RECORDS.receive + RECORDS.device);
  const length = stats_report.size + records * stats.size;
  const block = lent.allocate(length, PAGE);
  admin.must(OPCODE.REPORT_STATS, report_stats, {
    stats_report_len: BigInt(length),
    stats_report_addr: BigInt(block),
    interval: MILLISECONDS,
  });
}

/** Gives the device a table of receive queues. @returns the status: not every device has one. */
export function spread(admin: AdminDriver, { port }: LentMemory, table: readonly number[]): number {
  const at = port.allocate(WORD * table.length, PAGE);
  const bytes = new DataView(new ArrayBuffer(WORD * table.length));
  for (const [i, queue] of table.entries()) bytes.setUint32(WORD * i, queue);
  port.memory.write(at, new Uint8Array(bytes.buffer));
  const status = admin.run(OPCODE.CONFIGURE_RSS, configure_rss, {
    hash_types: RSS_TYPE.TCPv4 | RSS_TYPE.UDPv4 | RSS_TYPE.TCPv6 | RSS_TYPE.UDPv6,
    hash_alg: RSS_TOEPLITZ,
    hash_lut_size: table.length,
    hash_lut_addr: BigInt(at),
  });
  port.release(at);
  return status;
}
