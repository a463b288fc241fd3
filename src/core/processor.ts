/**
 * One of a machine's processors, as far as a hypervisor answers its instructions. Each instruction leaves its result in
 * the registers that it has on x86: a value of 64 bits is in EDX and EAX, as two words. Numbers are unsigned.
 *
 * @example
 * const [cpu] = port.processors!;
 * cpu.cpuid(0x4000_0001, 0);
 * if (cpu.eax & CLOCKSOURCE2) cpu.wrmsr(0x4b56_4d01, page | 1, 0);      // false: it would be a general protection fault
 * cpu.rdtsc();
 * const tsc = cpu.edx * 2 ** 32 + cpu.eax;
 */
export interface Processor {
  readonly eax: number;
  readonly ebx: number;
  readonly ecx: number;
  readonly edx: number;
  cpuid(leaf: number, subleaf: number): void;
  /** @returns false where the instruction would raise a general protection fault. */
  rdmsr(index: number): boolean;
  /** @returns false where the instruction would raise a general protection fault. */
  wrmsr(index: number, low: number, high: number): boolean;
  rdtsc(): void;
  /** A call of the hypervisor: number and arguments as RAX, RBX, RCX, RDX and RSI have them; EAX has the result. */
  vmcall(number: number, rbx: number, rcx: number, rdx: number, rsi: number): void;
}

/** The instructions, by name. */
export const INSTRUCTIONS = ['cpuid', 'rdmsr', 'wrmsr', 'rdtsc', 'vmcall'] as const;
export type Instruction = (typeof INSTRUCTIONS)[number];

/** Executes an instruction by its name. @returns what the method does. */
export function execute(processor: Processor, instruction: Instruction, given: readonly number[]): unknown {
  return (processor[instruction] as (...words: readonly number[]) => unknown).apply(processor, [...given]);
}
