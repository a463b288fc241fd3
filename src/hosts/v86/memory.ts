import type { GuestMemory } from '../../core/memory.ts';
import { MisuseError } from '../../core/misuse.ts';
import { PLACE, type V86Cpu } from './emulator.ts';

/** v86 maps memory in blocks of this size. */
const BLOCK = 0x2_0000;
const MOST = 0x8000_0000 - BLOCK;

/** @throws MisuseError unless v86 can have RAM of this machine's size. */
export function checkMemory(memory: GuestMemory): number {
  const { size, ranges } = memory;
  if (ranges.length > 1)
    throw new MisuseError('memory.above4G', size, '0, since v86 only has RAM below 4 GiB');
  if (size > MOST || size % BLOCK !== 0)
    throw new MisuseError('memory.below4G', size, 'a multiple of 128 KiB below 2 GiB');
  return size;
}

/** The machine's RAM inside v86's WebAssembly memory, and what else of that memory the host reads and writes. */
export class SharedMemory {
  private readonly cpu: V86Cpu;
  private readonly memory: GuestMemory;
  private buffer: ArrayBuffer | null = null;
  private bytes = new Uint8Array(0);
  private view = new DataView(new ArrayBuffer(0));

  /** Moves the contents of the machine's RAM into v86's. */
  constructor(cpu: V86Cpu, memory: GuestMemory) {
    this.cpu = cpu;
    this.memory = memory;
    const before = memory.ranges[0]!.bytes;
    this.follow();
    moveInto(memory.ranges[0]!.bytes, before);
    memory.dirty = (from, to) => cpu.jit_dirty_cache(from, to);
  }

  /**
   * WebAssembly memory that grows gets a new buffer and detaches the old one; so this is checked before each
   * access.
   */
  follow(): void {
    const { buffer } = this.cpu.wasm_memory;
    if (buffer === this.buffer) return;
    this.buffer = buffer;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    const { byteOffset, length } = this.cpu.mem8;
    this.memory.replace(0, new Uint8Array(buffer, byteOffset, length));
  }

  /** Instructions executed, modulo 2^32. */
  get instructions(): number {
    return this.word(PLACE.instruction_counter);
  }

  /** Four bytes of v86's state. */
  word(at: number): number {
    this.follow();
    return this.view.getUint32(at, true);
  }

  setWord(at: number, value: number): void {
    this.follow();
    this.view.setUint32(at, value, true);
  }

  setDouble(at: number, value: number): void {
    this.follow();
    this.view.setFloat64(at, value, true);
  }

  /** Bytes of v86's state from `at`; valid until the next call into v86. */
  own(at: number, length: number): Uint8Array {
    this.follow();
    return this.bytes.subarray(at, at + length);
  }

  /** Bytes of RAM from guest physical address `at`; fewer where RAM ends. */
  ram(at: number, length: number): Uint8Array {
    const from = this.cpu.mem8.byteOffset + at;
    return this.own(from, length);
  }

  /** The CPU executes nothing until an interrupt, and takes none. */
  stop(): void {
    this.follow();
    this.bytes[PLACE.in_hlt] = 1;
    this.setWord(PLACE.flags, this.word(PLACE.flags) & ~INTERRUPT_FLAG);
  }

  /**
   * From here to `takeInterrupts` none is taken, in the middle of an instruction behind which compiled code goes on: v86
   * takes one as soon as a line is raised. @returns whether they were on.
   */
  holdInterrupts(): boolean {
    const flags = this.word(PLACE.flags);
    this.setWord(PLACE.flags, flags & ~INTERRUPT_FLAG);
    return (flags & INTERRUPT_FLAG) !== 0;
  }

  /** What was raised meanwhile is taken after 10,000 instructions at most. */
  takeInterrupts(wereOn: boolean): void {
    if (wereOn && !this.halted) this.setWord(PLACE.flags, this.word(PLACE.flags) | INTERRUPT_FLAG);
  }

  get halted(): boolean {
    this.follow();
    return this.bytes[PLACE.in_hlt] !== 0;
  }

  /** Halted with interrupts off: only a reset wakes it. */
  get haltedForGood(): boolean {
    return this.halted && (this.word(PLACE.flags) & INTERRUPT_FLAG) === 0;
  }
}

const INTERRUPT_FLAG = 0x200;
const NOTHING = new Uint8Array(BLOCK);

/** Zeros are not copied: v86's memory has them, and an unwritten page costs the host nothing. */
function moveInto(fresh: Uint8Array, from: Uint8Array): void {
  for (let at = 0; at < from.length; at += BLOCK) {
    const block = from.subarray(at, at + BLOCK);
    if (Buffer.compare(block, NOTHING) !== 0) fresh.set(block, at);
  }
}
