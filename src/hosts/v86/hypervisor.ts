import type { Kvm } from '../../kvm/kvm.ts';
import { HYPERVISOR_LEAF, isKvmMsr, LEAF_PLACES, LEAF_STEP } from '../../kvm/registers.ts';
import { PLACE, type V86Cpu, type V86Port } from './emulator.ts';
import type { SharedMemory } from './memory.ts';
import { onlyPlace, replaceCode } from './wasm-code.ts';

/** Beyond the ports of a PC: by reading here v86 asks whether an instruction is answered outside. */
const ASK = { cpuid: 0x1_0000, rdmsr: 0x1_0001, wrmsr: 0x1_0002, undefined: 0x1_0003 } as const;
/** The answers. */
const [ELSEWHERE, DONE, FAULT] = [0, 1, 2];

/** `call` of `io_port_read32`, the eleventh function that v86 imports. */
const CALL = [0x10, 10];
/** `i32.const` of a number in three bytes. */
const ask = (port: number) => [0x41, (port & 0x7f) | 0x80, ((port >> 7) & 0x7f) | 0x80, port >> 14, ...CALL];
/** `if; return; end` */
const RETURN_IF = [0x04, 0x40, 0x0f, 0x0b];
/** `i32.const 0; i32.load8_u` of CPL; `br_if 0`, to where there is a general protection fault. */
const UNLESS_KERNEL = [0x41, 0, 0x2d, 0, 0xe4, 0x04, 0x0d, 0];
/** `local.tee 1; i32.const 2; i32.eq; br_if 0; local.get 1` */
const FAULT_OR = [0x22, 1, 0x41, FAULT, 0x46, 0x0d, 0, 0x20, 1];
/** `i32.const 0; i32.load` of EAX, and of ECX. */
const EAX = [0x41, 0, 0x28, 2, PLACE.eax];
const ECX = [0x41, 0, 0x28, 2, PLACE.ecx];
/** `block` */
const BLOCK = [0x02, 0x40];

/** What follows in the code of each instruction, and is left as it is. */
const CPUID = [...EAX, 0x22, 4, 0x0e, 23];
const RDMSR = [...new Array<typeof BLOCK>(8).fill(BLOCK).flat(), ...ECX, 0x22, 1, 0x41, 0xf3, 0x02, 0x4a];
const WRMSR = [...EAX, 0x21, 0, ...BLOCK, ...ECX, 0x22, 1, 0x41, 0x8c, 0x7d, 0x6a];

/** Where an undefined opcode traps: `i32.const 0; i32.const 0; i32.load` of where it is, `i32.store`, and vector 6. */
const UNDEFINED = [
  ...[0x41, 0, 0x41, 0, 0x28, 2, 0xb0, 0x04, 0x36, 2, 0xac, 0x04],
  ...[0x41, 6, 0x41, 0, 0x41, 0],
];
/** VMCALL and VMMCALL, which v86 does not know: how both begin, and the last byte of each. */
const VMCALL_BEGINS = [0x0f, 0x01];
const VMCALL_ENDS = [0xc1, 0xd9];

/** `f64.const 1000000; f64.mul; i64.trunc_sat_f64_u; i32.const 0; i64.load` of the TSC's offset. */
const TICKS = [
  0x44, 0, 0, 0, 0, 0x80, 0x84, 0x2e, 0x41, 0xa2, 0xfc, 0x07, 0x41, 0, 0x29, 3, 0xe8, 0xa3, 0x82,
];
/** `i32.const 0; f64.load`, of as many bytes as the constant. */
const RATE = [0x41, 0, 0x2b, 3, 0x80 | PLACE.tsc_rate, 0x80, 0x80, 0x80, 0];
const TICKS_PLACES = 7;

/**
 * v86's WebAssembly whose CPUID, RDMSR and WRMSR, and each opcode that it does not know, ask the host first. Its TSC has
 * the rate that is in its memory, ticks in a millisecond; v86's own has 1 GHz.
 *
 * @throws MisuseError for another v86 than the one this host supports.
 */
export function withHypervisor(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const read = withMsr(wasm, 'RDMSR', RDMSR, ASK.rdmsr);
  const written = withMsr(read, 'WRMSR', WRMSR, ASK.wrmsr);
  const asked = replaceCode(written, onlyPlace(written, 'CPUID', CPUID), 0, [
    ...ask(ASK.cpuid),
    ...RETURN_IF,
  ]);
  const called = onlyPlace(asked, 'undefined opcodes', UNDEFINED);
  return withRate(replaceCode(asked, called, 0, [...ask(ASK.undefined), ...RETURN_IF]));
}

function withMsr(
  wasm: Uint8Array,
  what: string,
  then: readonly number[],
  port: number,
): Uint8Array<ArrayBuffer> {
  const at = onlyPlace(wasm, what, [...UNLESS_KERNEL, ...then]) + UNLESS_KERNEL.length;
  return replaceCode(wasm, at, 0, [...ask(port), ...FAULT_OR, ...RETURN_IF]);
}

function withRate(wasm: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(wasm.buffer);
  const places: number[] = [];
  for (let at = bytes.indexOf(Buffer.from(TICKS)); at >= 0; at = bytes.indexOf(Buffer.from(TICKS), at + 1))
    places.push(at);
  if (places.length !== TICKS_PLACES) throw new Error(`v86 reads its TSC in ${places.length} places`);
  for (const at of places) wasm.set(RATE, at);
  return wasm;
}

/** CPUID 15h and 16h, of which v86's own says 1 GHz. */
const TSC_RATIO = 0x15;
const FREQUENCIES = 0x16;
const CRYSTAL_KHZ = 1_000_000;

/** KVM's guest interface for the one processor of v86. */
export class Hypervisor {
  private readonly kvm: Kvm;
  private readonly shared: SharedMemory;
  private readonly update: () => void;

  /** @param update brings time and memory up to date. */
  constructor(kvm: Kvm, shared: SharedMemory, update: () => void) {
    this.kvm = kvm;
    this.shared = shared;
    this.update = update;
  }

  attach(cpu: V86Cpu): void {
    const answers = {
      ...{ [ASK.cpuid]: this.cpuid, [ASK.rdmsr]: this.rdmsr, [ASK.wrmsr]: this.wrmsr },
      [ASK.undefined]: () => this.vmcall(cpu),
    };
    for (const [port, read32] of Object.entries(answers))
      cpu.io.ports[+port] = { read32 } as unknown as V86Port;
    const [vcpu] = this.kvm.vcpus;
    vcpu!.follow = () => this.takeOffset();
    this.kvm.onRate = () => this.giveRate();
  }

  private get vcpu() {
    return this.kvm.vcpus[0]!;
  }

  private readonly cpuid = (): number => {
    const { shared, vcpu } = this;
    const leaf = shared.word(PLACE.eax);
    if (leaf >= HYPERVISOR_LEAF && leaf < HYPERVISOR_LEAF + LEAF_STEP * LEAF_PLACES) {
      vcpu.cpuid(leaf);
      return this.show(vcpu.eax, vcpu.ebx, vcpu.ecx, vcpu.edx);
    }
    vcpu.events?.asked(0, leaf);
    const { tscKHz } = this.kvm;
    const common = commonDivisor(tscKHz, CRYSTAL_KHZ);
    if (leaf === TSC_RATIO) return this.show(CRYSTAL_KHZ / common, tscKHz / common, CRYSTAL_KHZ * 1000, 0);
    if (leaf !== FREQUENCIES) return ELSEWHERE;
    const mhz = Math.round(tscKHz / 1000);
    return this.show(mhz, mhz, 10, 0);
  };

  private readonly rdmsr = (): number => {
    const index = this.shared.word(PLACE.ecx);
    if (!isKvmMsr(index)) return ELSEWHERE;
    const { vcpu, shared } = this;
    if (!vcpu.rdmsr(index)) return FAULT;
    shared.setWord(PLACE.eax, vcpu.eax);
    shared.setWord(PLACE.edx, vcpu.edx);
    return DONE;
  };

  private readonly wrmsr = (): number => {
    const { shared } = this;
    const index = shared.word(PLACE.ecx);
    if (!isKvmMsr(index)) return ELSEWHERE;
    this.update();
    return this.vcpu.wrmsr(index, shared.word(PLACE.eax), shared.word(PLACE.edx)) ? DONE : FAULT;
  };

  private vmcall(cpu: V86Cpu): number {
    const { shared, vcpu } = this;
    const ip = shared.word(PLACE.previous_ip);
    const byteAt = (i: number) => shared.ram(cpu.translate_address_system_read((ip + i) | 0) >>> 0, 1)[0];
    // Byte by byte: v86 panics at a page that is not there, and the processor may not have fetched from the next one.
    if (VMCALL_BEGINS.some((byte, i) => byteAt(i) !== byte)) return ELSEWHERE;
    if (!VMCALL_ENDS.includes(byteAt(VMCALL_BEGINS.length) ?? 0)) return ELSEWHERE;
    vcpu.vmcall(shared.word(PLACE.eax));
    shared.setWord(PLACE.eax, vcpu.eax);
    return DONE;
  }

  private show(eax: number, ebx: number, ecx: number, edx: number): number {
    const { shared } = this;
    shared.setWord(PLACE.eax, eax);
    shared.setWord(PLACE.ebx, ebx);
    shared.setWord(PLACE.ecx, ecx);
    shared.setWord(PLACE.edx, edx);
    return DONE;
  }

  /** v86 subtracts its offset, and the guest may have changed it, by MSR 10h. */
  private takeOffset(): void {
    const { shared, vcpu } = this;
    const low = shared.word(PLACE.tsc_offset);
    vcpu.tscOffset.low = -low >>> 0;
    vcpu.tscOffset.high = (-shared.word(PLACE.tsc_offset + 4) - (low === 0 ? 0 : 1)) >>> 0;
  }

  /** The rate is another, and with it the offset, so that the TSC does not jump. */
  private giveRate(): void {
    const { shared, vcpu, kvm } = this;
    shared.setDouble(PLACE.tsc_rate, kvm.tscKHz);
    const { low, high } = vcpu.tscOffset;
    shared.setWord(PLACE.tsc_offset, -low >>> 0);
    shared.setWord(PLACE.tsc_offset + 4, (-high - (low === 0 ? 0 : 1)) >>> 0);
  }
}

function commonDivisor(one: number, other: number): number {
  return other === 0 ? one : commonDivisor(other, one % other);
}
