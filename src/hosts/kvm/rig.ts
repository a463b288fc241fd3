import { EXIT, kvm_exit_internal, kvm_exit_io, kvm_exit_mmio, kvm_run } from './registers.ts';
import { RunPage } from './run-page.ts';
import type { Vcpu } from './vcpu.ts';

/** Where the bytes of an access to ports lie. */
const DATA = 4096;

/** Fills a page as KVM would. @returns why the processor returned; null: its time was over. */
export type Turn = (page: ScriptedPage) => number | null;

/** A page that is written from KVM's end. */
export class ScriptedPage extends RunPage {
  readonly raw: Uint8Array;

  constructor(raw = new Uint8Array(2 * DATA)) {
    super(raw);
    this.raw = raw;
  }

  /** An access to ports, of as many bytes as there are in `data`. */
  io(write: boolean, port: number, size: number, data: readonly number[]): number {
    this.raw.set(data, DATA);
    kvm_exit_io.encode(
      { direction: write ? 1 : 0, size, port, count: data.length / size, data_offset: BigInt(DATA) },
      this.raw,
      kvm_run.size,
    );
    return EXIT.io;
  }

  mmio(write: boolean, address: number, data: readonly number[]): number {
    const bytes = new Uint8Array(8);
    bytes.set(data);
    kvm_exit_mmio.encode(
      { phys_addr: BigInt(address), data: bytes, len: data.length, is_write: write ? 1 : 0 },
      this.raw,
      kvm_run.size,
    );
    return EXIT.mmio;
  }

  /** What stands where the bytes of an access do. */
  answer(length: number): number[] {
    return [...this.raw.subarray(DATA, DATA + length)];
  }

  mmioAnswer(length: number): number[] {
    return [...this.raw.subarray(this.mmioData, this.mmioData + length)];
  }

  /** Whether an interrupt can be given to it, and IF. */
  can(ready: boolean, interrupts = true): void {
    kvm_run.encode({ ready_for_interrupt_injection: ready ? 1 : 0, if_flag: interrupts ? 1 : 0 }, this.raw);
  }

  unknown(code: readonly number[]): number {
    const insn_bytes = new Uint8Array(15);
    insn_bytes.set(code);
    kvm_exit_internal.encode(
      { suberror: 1, flags: 1n, insn_size: code.length, insn_bytes },
      this.raw,
      kvm_run.size,
    );
    return EXIT.internalError;
  }

  get asksForWindow(): boolean {
    return this.raw[kvm_run.offset.request_interrupt_window] !== 0;
  }
}

const NAMES = ['rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rsp', 'rbp'] as const;
const EXTENDED = ['r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'] as const;

/**
 * A processor that follows a script, one exit after the other, and then nothing until its time is over. The host's time
 * passes while it does nothing.
 */
export class ScriptedVcpu implements Vcpu {
  readonly page = new ScriptedPage();
  /** Vectors that it was given. */
  readonly vectors: number[] = [];
  runs = 0;
  closed = false;
  /** The host's, in milliseconds. */
  now = 0;
  private expires = 0;
  private readonly turns: Turn[];

  constructor(...turns: readonly Turn[]) {
    this.turns = [...turns];
  }

  run(): number | null {
    this.runs++;
    const turn = this.turns.shift();
    if (turn !== undefined) return turn(this.page);
    this.now = this.expires;
    return null;
  }

  within(now: number, milliseconds: number): void {
    this.expires = now + milliseconds;
  }

  interrupt(vector: number): void {
    this.vectors.push(vector);
  }

  registers() {
    const general = Object.fromEntries([...NAMES, ...EXTENDED].map((name) => [name, 0n]));
    const system = { cs: 0x10, cr0: 0x8000_0011n, cr2: 0n, cr3: 0n, cr4: 0x20n, efer: 0x500n };
    const names = general as Record<(typeof NAMES)[number] | (typeof EXTENDED)[number], bigint>;
    return { ...names, rip: 0xffff_ffff_8100_0000n, rflags: 2n, ...system };
  }

  close(): void {
    this.closed = true;
  }
}
