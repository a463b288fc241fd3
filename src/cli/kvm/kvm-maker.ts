import { KvmHost } from '../../hosts/kvm/index.ts';
import type { HostMaker } from '../boot-run.ts';

const SLOW = 'kvm:slow';

/** Called before anything is built. @throws MisuseError if this system has no processor for a guest. */
export async function kvmMaker(on: string): Promise<HostMaker> {
  const options = { slow: on === SLOW };
  await KvmHost.check(options);
  return (machine, guest) => KvmHost.create(machine, guest, options);
}
