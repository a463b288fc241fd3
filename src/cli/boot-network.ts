import { MisuseError } from '../core/misuse.ts';
import type { MachineOptions } from '../machine/options.ts';
import { isHubName, SharedHub } from '../net/backends/wires/index.ts';
import { type GceNetwork, gceNetwork, type MetadataTree } from '../net/gce/index.ts';
import { inside } from './file-errors.ts';
import type { Forward } from './forward.ts';
import { readJson } from './json-file.ts';

const HUB = 'hub:';

/** The backends of the first NIC: Compute Engine's network, or a wire that processes share. */
export type NetworkName = 'gce' | `${typeof HUB}${string}`;

export function isNetwork(text: string): text is NetworkName {
  return text === 'gce' || (text.startsWith(HUB) && isHubName(text.slice(HUB.length)));
}

/** The wire of the command line; null for none. */
export async function bootWire({ net }: NetworkArguments): Promise<SharedHub | null> {
  return net?.startsWith(HUB) ? SharedHub.open(net.slice(HUB.length)) : null;
}

export interface NetworkArguments {
  /** The backend of the first NIC. */
  readonly net?: NetworkName;
  /** A file with additional metadata. */
  readonly metadata?: string;
  readonly forward?: readonly Forward[];
}

/** Compute Engine's form of a MAC address: 42:01, and the IPv4 address. */
const MAC = /^42:01((?::[0-9a-f]{2}){4})$/i;

/** The network of the command line, with the machine's properties in its metadata; null for none. */
export function bootNetwork(args: NetworkArguments, options: MachineOptions): GceNetwork | null {
  const { net, metadata, forward } = args;
  if (net !== 'gce') {
    if (metadata !== undefined) throw new MisuseError('--metadata', metadata, '', 'goes with --net gce');
    if (forward !== undefined) throw new MisuseError('--forward', forward, '', 'goes with --net gce');
    return null;
  }
  const { vcpus = 1, seed = 1, disks, nics = [{}] } = options;
  const given = metadata === undefined ? {} : (readJson('metadata', metadata) as MetadataTree);
  const names = disks?.map(({ name }, i) => name ?? `persistent-disk-${i}`);
  const known = { vcpus, seed, ...addressOf(nics[0]?.mac), ...(names === undefined ? {} : { disks: names }) };
  if (metadata === undefined) return gceNetwork(known);
  return inside('metadata', metadata, () => gceNetwork({ ...known, metadata: given }));
}

function addressOf(mac: string | undefined): { readonly address?: string } {
  const bytes = mac === undefined ? undefined : MAC.exec(mac)?.[1];
  if (bytes === undefined) return {};
  return {
    address: bytes
      .slice(1)
      .split(':')
      .map((byte) => Number.parseInt(byte, 16))
      .join('.'),
  };
}
