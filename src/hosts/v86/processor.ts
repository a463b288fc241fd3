import { onlyPlace } from './wasm-code.ts';

/** A constant in the code of v86's WebAssembly, and its replacement: the same number of bytes, so that nothing moves. */
interface Patch {
  readonly what: string;
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** `i32.const` and `i64.const`; the operand follows as signed LEB128. */
const CONST = 0x41;
const CONST64 = 0x42;
/** `nop` */
const NOP = 0x01;
/** `i32.eq` and `i32.shl` */
const EQ = 0x46;
const SHL = 0x74;
/** In CPUID, `local.get` of the leaf, and `local.set` of what registers are to be; all are 0 from its start. */
const LEAF = [0x20, 4];
const SET = { ebx: [0x21, 0], edx: [0x21, 1], ecx: [0x21, 2], eax: [0x21, 3] } as const;
/** The leaf, `i32.const 40000000h`, `i32.ne` */
const IF_HYPERVISOR = [...LEAF, ...constant(0x4000_0000), 0x47];
/** `i32.const 0`, `i32.load8_u` of whether there is ACPI, `select`: the APIC bit goes by it. */
const IF_ACPI = [CONST, 0, 0x2d, 0, 0xa8, 0x04, 0x1b];
/** CPUID 1, EDX: what v86 has with an APIC and without; HTT. */
const FEATURES = 0x0780_ab79;
const FEATURES_WITHOUT_APIC = 0x0780_a979;
const HTT = 1 << 28;
/** CPUID 7, EBX: what v86 has, and TSC_ADJUST. `i32.const 0` and a test of ECX choose between them and none. */
const ERMS = 1 << 9;
const TSC_ADJUST = 1 << 1;
const IF_SUBLEAF_0 = [CONST, 0, 0x28, 2, 0x44, 0x1b, 0x21, 0];
/** CPUID 80000007h, the highest extended leaf, and bit 8 of its EDX: the TSC runs always and at one rate. */
const POWER_LEAF = 0x8000_0007;
const INVARIANT_TSC = 8;
/** CR4. */
const PSE = 1 << 4;
const PAE = 1 << 5;
/** `i32.and`, `i32.eqz`, `br_if 0`; then bit 7 of the entry, `local 7`, `br_if 2`: it maps a large page. */
const IS_LARGE = [0x71, 0x45, 0x0d, 0, 0x20, 7, CONST, 0x80, 1, 0x71, 0x0d, 2];

/** Where the compiler writes the limit of a loop into code, `local.set 19` follows, and then, in either place, this. */
const AS_LIMIT = [0x21, 19];
const AT_ENTRY = [0x20, 4];
const AT_LOOP = [0x03, 0x40];
/** How many instructions may pass between two checks of the timers. */
const LOOK = 10_007;

/**
 * Changes the identity of v86's processor to the one that a Compute Engine guest reads.
 *
 * MSR 1Bh: this is the bootstrap processor (bit 8).
 * CPUID 1: two threads a package, as on N1 (EBX 23:16, and HTT in EDX).
 * CPUID 7 and 80000007h: TSC_ADJUST and an invariant TSC, as on N1, and this one is: it is virtual time. Linux then does
 * not measure it by its own ticks, of which it loses some while a console at 115200 baud has the interrupts off.
 * A directory entry with bit 7 maps a large page if CR4.PSE is on, or PAE, whatever PSE then is (Intel SDM 3A, 4.4.2).
 * And it looks at its timers every 10,000 instructions for every 100,000, interpreted or compiled, so that no serial
 * port at 115200 baud overruns between two looks.
 * A page of code is compiled once a million of its instructions were interpreted, not 200,000: that takes about as long
 * as to compile it, and less of what runs seldom is compiled in vain.
 */
const PATCHES: readonly Patch[] = [
  {
    what: 'MSR 1Bh',
    from: [...constant(0xfee0_0800, 4), ...constant(0xfee0_0000, 4)],
    to: [...constant(0xfee0_0900, 4), ...constant(0xfee0_0100, 4)],
  },
  { what: 'CPUID 1, EBX', from: constant(0x1_0800, 3), to: constant(0x2_0800, 3) },
  {
    what: 'CPUID 1, EDX',
    from: [...constant(FEATURES, 4), ...constant(FEATURES_WITHOUT_APIC, 4), ...IF_ACPI],
    to: [...constant(FEATURES | HTT), ...nops(11)],
  },
  {
    what: 'CPUID 7, EBX',
    from: [CONST, 0, ...constant(ERMS, 2), ...IF_SUBLEAF_0],
    to: [CONST, 0, ...constant(ERMS | TSC_ADJUST, 2), ...IF_SUBLEAF_0],
  },
  {
    what: 'CPUID 80000000h, EAX',
    from: [CONST, 5, ...SET.eax, ...zero('ebx'), ...zero('edx'), ...zero('ecx')],
    to: [...constant(POWER_LEAF), ...SET.eax, ...nops(8)],
  },
  {
    what: 'CPUID 80000007h, EDX',
    from: [...zero('ebx'), ...zero('edx'), ...zero('ecx'), ...zero('eax'), ...IF_HYPERVISOR],
    to: [
      ...LEAF,
      ...constant(POWER_LEAF),
      EQ,
      CONST,
      INVARIANT_TSC,
      SHL,
      ...SET.edx,
      ...nops(2),
      ...IF_HYPERVISOR,
    ],
  },
  {
    what: 'CR4.PSE in a page walk',
    from: [CONST, PSE, ...IS_LARGE],
    to: [CONST, PSE | PAE, ...IS_LARGE],
  },
  { what: 'LOOP_COUNTER', from: constant(100_003, 3), to: constant(LOOK, 3) },
  loopLimit('LOOP_COUNTER at the entry of compiled code', AT_ENTRY),
  loopLimit('LOOP_COUNTER at a compiled loop', AT_LOOP),
  { what: 'INTERPRETER_ITERATION_LIMIT', from: constant(100_001, 3), to: constant(2_003, 3) },
  { what: 'JIT_THRESHOLD', from: constant(200_000, 3), to: constant(1_000_000, 3) },
];

/**
 * v86's WebAssembly with our constants.
 *
 * @throws MisuseError if a constant is not there exactly once: it is not the v86 that this host supports.
 */
export function patchProcessor(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const patched = new Uint8Array(wasm);
  for (const { what, from, to } of PATCHES) patched.set(to, onlyPlace(patched, what, from));
  return patched;
}

function loopLimit(what: string, where: readonly number[]): Patch {
  const code = (limit: number) => [...constant(limit, 3).with(0, CONST64), ...AS_LIMIT, ...where];
  return { what, from: code(100_003), to: code(LOOK) };
}

function zero(register: keyof typeof SET): number[] {
  return [CONST, 0, ...SET[register]];
}

function nops(count: number): number[] {
  return new Array<number>(count).fill(NOP);
}

function constant(value: number, bytes = 5): number[] {
  const wide = BigInt.asIntN(32, BigInt(value));
  const groups = Array.from({ length: bytes }, (_, i) => Number((wide >> BigInt(7 * i)) & 0x7fn));
  return [CONST, ...groups.map((group, i) => (i < bytes - 1 ? group | 0x80 : group))];
}
