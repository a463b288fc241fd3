import type { Machine } from '../../src/index.ts';
import { QUEUE_NOTIFY } from '../../src/virtio/registers.ts';
import { MODERN_BAR, MODERN_NOTIFY } from '../guest/places.ts';
import { OP, OP_NAMES, type OpCode } from './op.ts';

/** Fixed ports, each range up to the next. */
const FIXED: readonly (readonly [from: number, name: string])[] = [
  [0, 'no device'],
  [0x20, 'pic'],
  [0x22, 'no device'],
  [0x40, 'pit'],
  [0x44, 'no device'],
  [0x60, 'keyboard'],
  [0x70, 'rtc'],
  [0x78, 'chipset'],
  [0xa0, 'pic'],
  [0xa2, 'chipset'],
  [0x2e8, 'serial'],
  [0x2f0, 'no device'],
  [0x2f8, 'serial'],
  [0x300, 'no device'],
  [0x3e8, 'serial'],
  [0x400, 'no device'],
  [0x4d0, 'pic'],
  [0x4d2, 'no device'],
  [0x510, 'fw_cfg'],
  [0x51c, 'no device'],
  [0xcf8, 'pci'],
  [0xd00, 'no device'],
  [0xafe0, 'acpi'],
  [0xb200, 'no device'],
];
const IO_APIC = 0xfec0_0000;
const LOCAL_APIC = 0xfee0_0000;

/** The kind of an operation, for people: `kick net0`, `out pit`, `wait`. */
export function accessKind(machine: Machine, code: OpCode, address: number): string {
  const name = OP_NAMES[code]!;
  if (code === OP.in || code === OP.out) return portKind(machine, name, address);
  if (code === OP.read || code === OP.write) return memoryKind(machine, name, address);
  return name;
}

function portKind(machine: Machine, name: string, port: number): string {
  const at = barAt(machine, port, true);
  if (at === null) return `${name} ${FIXED.findLast(([from]) => from <= port)![1]}`;
  const kick = name === 'out' && at.offset >= QUEUE_NOTIFY.offset - 3 && at.offset < QUEUE_NOTIFY.offset + 2;
  return kick ? `kick ${at.device}` : `${name} ${at.device}`;
}

function memoryKind(machine: Machine, name: string, address: number): string {
  const at = barAt(machine, address, false);
  if (at?.bar === MODERN_BAR && name === 'write' && at.offset >= MODERN_NOTIFY) return `kick ${at.device}`;
  if (at !== null) return `${name} mmio ${at.device}`;
  if (address >= LOCAL_APIC && address < LOCAL_APIC + 0x10_0000) return `${name} local apic`;
  if (address >= IO_APIC && address < IO_APIC + 0x1000) return `${name} io apic`;
  return `${name} mmio`;
}

interface Hit {
  readonly device: string;
  readonly bar: number;
  readonly offset: number;
}

function barAt(machine: Machine, address: number, io: boolean): Hit | null {
  for (const { name, bars } of machine.functions)
    for (const { index, kind, mapped, region } of bars)
      if ((kind === 'io') === io && mapped !== null && address >= mapped && address < mapped + region.size)
        return { device: name.replace(/\d+$/, ''), bar: index, offset: address - mapped };
  return null;
}
