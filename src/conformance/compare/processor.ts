import { hex } from '../../core/bits.ts';
import { FEATURES, HYPERVISOR, HYPERVISOR_LEAF, isKvmMsr } from '../../kvm/registers.ts';
import type { Machine } from '../../machine/machine.ts';
import { bytesOf, type CapturedItem } from './capture-file.ts';
import { type ComparedItem, differing, equal, skipped } from './compared.ts';

const WORDS = ['EAX', 'EBX', 'ECX', 'EDX'] as const;
const ALL = 0xffff_ffff;
/** Words of each leaf, and their bits, that a host's processor has no part in. */
const HYPERVISORS: Readonly<Record<number, readonly [number, number, number, number]>> = {
  1: [0, 0, HYPERVISOR, 0],
  [HYPERVISOR_LEAF]: [ALL, ALL, ALL, ALL],
  [HYPERVISOR_LEAF + FEATURES.offset]: [ALL, ALL, ALL, ALL],
};
/** Of a read that is a general protection fault. */
const EIO = 5;

/** A leaf of CPUID, or an MSR: what a hypervisor says is compared, and what a processor says is not. */
export function compareProcessor(name: string, item: CapturedItem, { port }: Machine): ComparedItem {
  const [kind, number = ''] = name.split('/');
  const index = Number.parseInt(number, 16);
  const processor = port.processors?.[0];
  if (processor === undefined) return skipped(name, 'no x86 processor is here');
  if (kind === 'msr') {
    if (!isKvmMsr(index)) return skipped(name, "a host's processor answers it");
    const [there, here] = [answerOf(item), processor.rdmsr(index) ? 'answered' : 'refused'];
    if (there === null) return skipped(name, `not captured: ${item.status}`);
    return there === here ? equal(name) : differing(name, `${there} there, ${here} here`);
  }
  const bits = HYPERVISORS[index];
  const bytes = bytesOf(item);
  if (bits === undefined) return skipped(name, "a host's processor answers it");
  if (bytes?.length !== 4 * WORDS.length) return skipped(name, `not captured: ${item.status}`);
  processor.cpuid(index, 0);
  const ours = [processor.eax, processor.ebx, processor.ecx, processor.edx];
  const wrong = WORDS.flatMap((word, i) => {
    const [there, here] = [bytes.readUInt32LE(4 * i) & bits[i]!, ours[i]! & bits[i]!];
    return there === here ? [] : [`${word}: ${hex(there >>> 0, 8)} there, ${hex(here >>> 0, 8)} here`];
  });
  return wrong.length === 0 ? equal(name) : differing(name, wrong.join('; '));
}

/** An MSR of KVM holds where its guest has what it shares: that it is there is what can be compared. */
function answerOf({ data, errno }: CapturedItem): 'answered' | 'refused' | null {
  if (data !== undefined) return 'answered';
  return errno === EIO ? 'refused' : null;
}
