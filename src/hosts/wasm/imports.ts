import type { Width } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { Processor } from '../../core/processor.ts';
import type { ModuleRam } from './module-ram.ts';
import { MACHINES, MODULES, silence } from './silence.ts';
import type { WasmFunction } from './web-assembly.ts';

/** The objects that an import uses. */
export interface ImportContext {
  readonly port: GuestPort;
  readonly ram: ModuleRam;
  /** How many interrupts the module's handlers took. */
  readonly interrupts: number;
  /** The function with this index in the module's table, which takes one argument. */
  callback(index: number): (context: number) => number;
  /** Installs a handler of an interrupt. */
  handle(vector: number, handler: () => void): void;
  log(line: string): void;
}

type Import = (context: ImportContext) => (...args: never[]) => unknown;

const text = new TextDecoder();

const reads =
  (width: Width): Import =>
  ({ port }) =>
  (at: number) =>
    port.read(at >>> 0, width);
const writes =
  (width: Width): Import =>
  ({ port }) =>
  (at: number, value: number) =>
    port.write(at >>> 0, value >>> 0, width);
const ins =
  (width: Width): Import =>
  ({ port }) =>
  (at: number) =>
    port.in(at, width);
const outs =
  (width: Width): Import =>
  ({ port }) =>
  (at: number, value: number) =>
    port.out(at, value >>> 0, width);

const nanos = (limit: bigint) => Number(BigInt.asUintN(64, limit));

/** All that a module may import from `guestrig`, as in docs/wasm.md. i64 is a bigint here, and pointers are unsigned. */
export const IMPORTS: Readonly<Record<string, Import>> = {
  in8: ins(1),
  in16: ins(2),
  in32: ins(4),
  out8: outs(1),
  out16: outs(2),
  out32: outs(4),
  read8: reads(1),
  read16: reads(2),
  read32: reads(4),
  write8: writes(1),
  write16: writes(2),
  write32: writes(4),
  now:
    ({ port }) =>
    () =>
      BigInt(port.now()),
  wait: (context) => (limit: bigint) => {
    const before = context.interrupts;
    return Number(context.port.wait(() => context.interrupts !== before, nanos(limit)));
  },
  wait_until:
    ({ port, callback }) =>
    (index: number, argument: number, limit: bigint) => {
      const until = callback(index);
      return Number(port.wait(() => until(argument) !== 0, nanos(limit)));
    },
  cpuid: (context) => (vcpu: number, leaf: number, subleaf: number, into: number) => {
    const cpu = processorOf(context, vcpu);
    cpu.cpuid(leaf >>> 0, subleaf >>> 0);
    putWords(context, into, [cpu.eax, cpu.ebx, cpu.ecx, cpu.edx]);
  },
  rdmsr: (context) => (vcpu: number, index: number, into: number) => {
    const cpu = processorOf(context, vcpu);
    const done = cpu.rdmsr(index >>> 0);
    if (done) putWords(context, into, [cpu.eax, cpu.edx]);
    return Number(done);
  },
  wrmsr: (context) => (vcpu: number, index: number, value: bigint) =>
    Number(processorOf(context, vcpu).wrmsr(index >>> 0, wordOf(value), wordOf(value >> 32n))),
  vmcall: (context) => (vcpu: number, number: number, rbx: number, rcx: number, rdx: number, rsi: number) => {
    const cpu = processorOf(context, vcpu);
    cpu.vmcall(number >>> 0, rbx >>> 0, rcx >>> 0, rdx >>> 0, rsi >>> 0);
    return cpu.eax | 0;
  },
  rdtsc: (context) => (vcpu: number) => {
    const cpu = processorOf(context, vcpu);
    cpu.rdtsc();
    return (BigInt(cpu.edx) << 32n) | BigInt(cpu.eax);
  },
  log:
    ({ ram, log }) =>
    (at: number, length: number) =>
      log(text.decode(ram.bytes(at >>> 0, length >>> 0).slice())),
  allocate:
    ({ ram }) =>
    (bytes: number, align: number) =>
      ram.allocate(bytes >>> 0, align >>> 0),
  release:
    ({ ram }) =>
    (at: number) =>
      ram.release(at >>> 0),
  handle:
    ({ callback, handle }) =>
    (vector: number, index: number, argument: number) => {
      const handler = callback(index);
      handle(vector, () => handler(argument));
    },
  mask:
    ({ port }) =>
    () =>
      port.mask(),
  unmask:
    ({ port }) =>
    () =>
      port.unmask(),
};

/** @throws MisuseError for a processor that the machine does not have. */
function processorOf({ port: { processors = [] } }: ImportContext, vcpu: number): Processor {
  const cpu = processors[vcpu];
  if (cpu === undefined) throw new MisuseError('vcpu', vcpu, `less than ${processors.length}`);
  return cpu;
}

function putWords({ ram }: ImportContext, at: number, words: readonly number[]): void {
  ram.bytes(at >>> 0, 4 * words.length).set(new Uint8Array(Uint32Array.from(words).buffer));
}

const wordOf = (value: bigint) => Number(BigInt.asUintN(32, value));

/** Imports by which time passes: a module that calls one is not silent. */
const ACCESSES = /^(in|out|read|write|now|wait|cpuid|rd|wrmsr|vmcall)/;

/** The imports, for one module on one machine. */
export function importsFor(context: ImportContext): Record<string, WasmFunction> {
  const made = Object.entries(IMPORTS).map(([name, make]) => {
    const act = make(context) as WasmFunction;
    return [name, ACCESSES.test(name) ? heard(act) : act] as const;
  });
  return Object.fromEntries(made);
}

function heard(act: WasmFunction): WasmFunction {
  // No import takes more; rest parameters would make an array at each call.
  type Given = number | bigint;
  const access = (a: Given, b: Given, c: Given, d: Given, e: Given, f: Given) => {
    silence.turn(MACHINES);
    const result = act(a, b, c, d, e, f);
    silence.turn(MODULES);
    return result;
  };
  return access as WasmFunction;
}
