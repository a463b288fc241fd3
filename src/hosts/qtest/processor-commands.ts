import type { Processor } from '../../core/processor.ts';

const WORD = 2 ** 32;
const REFUSED = 'ERR general protection fault';

/** What a processor command is given: the numbers behind its name, the processor's first. */
type ProcessorCommand = (cpu: Processor, ...given: readonly bigint[]) => string;

const low = (value: bigint) => Number(value & 0xffff_ffffn);
const wide = ({ eax, edx }: Processor) =>
  `OK 0x${(BigInt(edx) * BigInt(WORD) + BigInt(eax)).toString(16).padStart(16, '0')}`;

/** Commands that QEMU's wire does not have: instructions that a hypervisor answers. Behind each name how many numbers follow. */
export const PROCESSOR_COMMANDS: Readonly<
  Record<string, readonly [numbers: number, does: ProcessorCommand]>
> = {
  cpuid: [
    2,
    (cpu, leaf, subleaf) => {
      cpu.cpuid(low(leaf!), low(subleaf!));
      const words = [cpu.eax, cpu.ebx, cpu.ecx, cpu.edx].map(
        (word) => `0x${word.toString(16).padStart(8, '0')}`,
      );
      return `OK ${words.join(' ')}`;
    },
  ],
  rdmsr: [1, (cpu, index) => (cpu.rdmsr(low(index!)) ? wide(cpu) : REFUSED)],
  wrmsr: [
    2,
    (cpu, index, value) => (cpu.wrmsr(low(index!), low(value!), low(value! >> 32n)) ? 'OK' : REFUSED),
  ],
  rdtsc: [
    0,
    (cpu) => {
      cpu.rdtsc();
      return wide(cpu);
    },
  ],
  vmcall: [
    5,
    (cpu, number, ...given) => {
      const [rbx, rcx, rdx, rsi] = given.map(low);
      cpu.vmcall(low(number!), rbx!, rcx!, rdx!, rsi!);
      return `OK 0x${cpu.eax.toString(16)}`;
    },
  ],
};
