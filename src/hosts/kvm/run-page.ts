import {
  HAS_INSTRUCTION,
  INTERNAL_ERROR_EMULATION,
  kvm_exit_internal,
  kvm_exit_io,
  kvm_exit_mmio,
  kvm_run,
} from './registers.ts';

const RUN = kvm_run.offset;
const EXIT_AT = kvm_run.size;
const IO = kvm_exit_io.offset;
const MMIO = kvm_exit_mmio.offset;
const HIGH_HALF = 2 ** 32;

/** The structure that a processor and KVM share: `kvm_run`, by its own names. */
export class RunPage {
  readonly view: DataView;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get exitReason(): number {
    return this.view.getUint32(RUN.exit_reason, true);
  }

  /** An interrupt can be given to it. */
  get ready(): boolean {
    return this.view.getUint8(RUN.ready_for_interrupt_injection) !== 0;
  }

  /** RFLAGS.IF. */
  get interrupts(): boolean {
    return this.view.getUint8(RUN.if_flag) !== 0;
  }

  /** It must return as soon as an interrupt can be given to it. */
  set wantsWindow(wants: boolean) {
    this.view.setUint8(RUN.request_interrupt_window, wants ? 1 : 0);
  }

  get cr8(): number {
    return this.view.getUint8(RUN.cr8);
  }

  set cr8(value: number) {
    this.view.setUint8(RUN.cr8, value);
  }

  /** Of an access to ports. */
  get ioWrite(): boolean {
    return this.view.getUint8(EXIT_AT + IO.direction) !== 0;
  }

  get ioSize(): number {
    return this.view.getUint8(EXIT_AT + IO.size);
  }

  get ioPort(): number {
    return this.view.getUint16(EXIT_AT + IO.port, true);
  }

  get ioCount(): number {
    return this.view.getUint32(EXIT_AT + IO.count, true);
  }

  /** Where its bytes are. */
  get ioData(): number {
    return this.view.getUint32(EXIT_AT + IO.data_offset, true);
  }

  /** Of an access to memory. */
  get address(): number {
    const at = EXIT_AT + MMIO.phys_addr;
    return this.view.getUint32(at + 4, true) * HIGH_HALF + this.view.getUint32(at, true);
  }

  get mmioWrite(): boolean {
    return this.view.getUint8(EXIT_AT + MMIO.is_write) !== 0;
  }

  get mmioLength(): number {
    return this.view.getUint32(EXIT_AT + MMIO.len, true);
  }

  /** Where its bytes are. */
  readonly mmioData = EXIT_AT + MMIO.data;

  /** What KVM could not do, in words. */
  get internalError(): string {
    const { suberror, flags, insn_size, insn_bytes } = kvm_exit_internal.decode(this.bytes, EXIT_AT);
    if (suberror !== INTERNAL_ERROR_EMULATION) return `internal error ${suberror}`;
    if ((Number(flags) & HAS_INSTRUCTION) === 0) return 'it does not know the instruction';
    const code = [...insn_bytes.subarray(0, insn_size)].map((byte) => byte.toString(16).padStart(2, '0'));
    return `it does not know the instruction at ${code.join(' ')}`;
  }

  /** Why the processor could not be entered. */
  get entryFailure(): number {
    return this.view.getUint32(EXIT_AT, true);
  }
}
