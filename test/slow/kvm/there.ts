import { KvmHost } from '../../../src/hosts/kvm/index.ts';

/** Why this system has no KVM for these tests, however slow; null if it has. */
export const REFUSED: string | null = await KvmHost.check({ slow: true }).then(
  () => null,
  (error: Error) => error.message,
);
