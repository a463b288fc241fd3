/** What KVM reports of a guest to its watcher; null for no watcher. */
export interface KvmEvents {
  /** CPUID was executed. */
  asked(vcpu: number, leaf: number): void;
  /** RDMSR of one of KVM's numbers; `refused`: by a general protection fault. */
  msrRead(vcpu: number, index: number, refused: boolean): void;
  /** WRMSR of one, before anything follows from it. */
  msrWritten(vcpu: number, index: number, low: number, high: number, refused: boolean): void;
  /** RDTSC. */
  ticked(vcpu: number): void;
  called(vcpu: number, number: number): void;
  /** The host wrote the flags of a clock. */
  flagged(vcpu: number, flags: number): void;
  /** An interrupt was served whose EOI could be skipped: whether it was, and whether there was an EOI. */
  eoiOffered(vcpu: number, skipped: boolean, ended: boolean): void;
  /** All processors were reset: nothing is registered any more. */
  reset(): void;
}
