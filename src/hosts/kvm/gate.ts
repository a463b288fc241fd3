/** What is known of a system before it runs a guest. */
export interface KvmFacts {
  readonly platform: string;
  readonly arch: string;
  /** Whether /dev/kvm opens; else the code of the error. */
  readonly device: 'opens' | (string & {});
  /** /proc/cpuinfo has svm or vmx. */
  readonly virtualizes: boolean;
  /** The time of a kernel's instruction; measured where the processor does not virtualize. */
  nanosPerInstruction(): number;
}

/** Above this time per instruction the kernel is not executed by a processor, but interpreted. */
const SLOWEST = 50;

/** Why no guest can run there, and what to do; null if one can. @param slow run it even if it is slow. */
export function refusal(facts: KvmFacts, slow: boolean): string | null {
  const { platform, arch, device, virtualizes } = facts;
  if (platform !== 'linux' || arch !== 'x64')
    return `needs Linux on x86-64, and this is ${platform} on ${arch}: take v86 or QEMU`;
  if (device === 'ENOENT')
    return 'there is no /dev/kvm: turn virtualization on in the firmware, or nested virtualization where this is a virtual machine, then modprobe kvm_intel or kvm_amd';
  if (device === 'EACCES' || device === 'EPERM')
    return '/dev/kvm may not be opened: join its group (sudo usermod -aG kvm $USER, and log in anew)';
  if (device !== 'opens') return `/dev/kvm does not open (${device}): take v86 or QEMU`;
  if (slow || virtualizes) return null;
  const nanos = facts.nanosPerInstruction();
  return nanos <= SLOWEST
    ? null
    : `/dev/kvm takes ${Math.round(nanos)} ns for an instruction of a kernel (most: ${SLOWEST}), and /proc/cpuinfo has neither svm nor vmx: take a machine with hardware virtualization, or v86 or QEMU; slow (--on kvm:slow) runs it all the same`;
}
