import { MemoryMedium } from '../../media/memory.ts';
import { Command } from '../command.ts';
import { ask } from '../initiator-rig.ts';
import { LogicalUnit } from '../logical-unit.ts';

export const BLOCK = 512;
export const BLOCKS = 64;

export const hex = (text: string) => Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
export const of = (...bytes: number[]) =>
  Uint8Array.from(bytes.flatMap((byte) => new Array(BLOCK).fill(byte)));

/** Of 64 blocks, each of which holds its number. */
export function fullUnit(readOnly = false): LogicalUnit {
  const bytes = Uint8Array.from({ length: BLOCKS * BLOCK }, (_, i) => i / BLOCK);
  const unit = new LogicalUnit('disk0', MemoryMedium.from(bytes, { readOnly }), { commands: 'all' });
  unit.takeAttention();
  return unit;
}

export function send(unit: LogicalUnit, cdb: string, { room = 0, out = new Uint8Array() } = {}) {
  const command = new Command();
  const { status, sense, data } = ask((one) => unit.execute(one), command, hex(cdb), room, out);
  while (command.isUnfinished) unit.execute(command);
  const { transferred } = command;
  const information = (command.sense[0]! & 0x80) === 0 ? null : Buffer.from(command.sense).readUInt32BE(3);
  return { status, sense, data: Buffer.from(data).toString('hex'), transferred, information };
}

/** The first byte of so many blocks. */
export function blocksOf(unit: LogicalUnit, from: number, count: number): number[] {
  const bytes = new Uint8Array(count * BLOCK);
  unit.medium.read(from * BLOCK, bytes, 0, bytes.length);
  return Array.from({ length: count }, (_, i) => bytes[i * BLOCK]!);
}

export const GOOD = { status: 0, sense: '' };
export const refused = (sense: string) => ({ status: 2, sense });
