import type { Gpa } from './bits.ts';
import type { Clock } from './clock.ts';
import type { GuestMemory } from './memory.ts';
import type { Random } from './random.ts';

/** Where message-signalled interrupts go. An address outside FEExxxxx is a write to RAM. */
export interface MessageSink {
  deliver(from: { readonly bdf: number; readonly vector: number }, address: Gpa, data: number): void;
}

/** All that a device can reach, beside the lines it is given. */
export interface Board {
  readonly memory: GuestMemory;
  readonly clock: Clock;
  readonly messages: MessageSink;
  readonly random: Random;
}

/** Why a device is reset: power came on, the platform was reset (0xCF9), or its driver asked. */
export type ResetKind = 'power' | 'hard' | 'soft';

/**
 * A PCI function's access to guest memory. Bus mastering enables it; while disabled, a device neither reads nor
 * writes RAM nor sends messages.
 */
export interface DmaGate {
  readonly open: boolean;
}
