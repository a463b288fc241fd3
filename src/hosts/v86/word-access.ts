import { PLACE, type V86Cpu } from './emulator.ts';
import type { SharedMemory } from './memory.ts';

const OPERAND_SIZE = 0x66;
const TWO_BYTES = 0x0f;
/** Segment overrides, LOCK, REPNE and REP. */
const PREFIXES = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0xf0, 0xf2, 0xf3];
/** `movzx` and `movsx` from 16 bits. */
const FROM_WORD = [0xb7, 0xbf];
/** Prefixes enough, and an opcode of two bytes. */
const LOOK = 6;

/**
 * Joins accesses that v86 splits: it reads 16 bits of device memory as two bytes, low one first, without notice.
 * The instruction that reads a byte, in 32-bit code, shows whether it is half a word; compiled code says it.
 */
export class WordReads {
  /** Bytes that compiled code reads, which does not say where it is; 0 if an instruction is interpreted. */
  compiled = 0;
  private readonly cpu: V86Cpu;
  private readonly shared: SharedMemory;
  /** The address of the second byte of the word being read, or -1. */
  private next = -1;
  private high = 0;

  constructor(cpu: V86Cpu, shared: SharedMemory) {
    this.cpu = cpu;
    this.shared = shared;
  }

  /** The byte at `address`. `read` is called for a byte alone, or once for both bytes of a word. */
  read8(address: number, read: (address: number, width: 1 | 2) => number): number {
    const { next } = this;
    this.next = -1;
    if (address === next) return this.high;
    if (address % 2 !== 0 || !this.readsWord()) return read(address, 1);
    const word = read(address, 2);
    this.next = address + 1;
    this.high = word >> 8;
    return word & 0xff;
  }

  private readsWord(): boolean {
    if (this.compiled !== 0) return this.compiled === 2;
    const at = this.shared.word(PLACE.previous_ip);
    const code = this.shared.ram(this.cpu.translate_address_system_read(at | 0), LOOK);
    let i = 0;
    let words = false;
    while (i < LOOK && (code[i] === OPERAND_SIZE || PREFIXES.includes(code[i]!)))
      words ||= code[i++] === OPERAND_SIZE;
    if (code[i] === TWO_BYTES) return FROM_WORD.includes(code[i + 1]!);
    // The lowest bit of an opcode of one byte: operands wider than a byte.
    return words && (code[i]! & 1) === 1;
  }
}
