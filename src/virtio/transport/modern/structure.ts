import type { Width } from '../../../core/bits.ts';
import type { Told } from '../../../core/register-block.ts';

/** A structure of the modern interface, as described by a virtio capability. Offsets count from its start. */
export interface Structure {
  readonly name: string;
  /** cfg_type. */
  readonly type: number;
  readonly length: number;
  read(offset: number, width: Width): number;
  write(offset: number, value: number, width: Width): void;
  describe(access: Told & { readonly offset: number }): string;
}
