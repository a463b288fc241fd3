import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { MisuseError } from '../core/misuse.ts';
import type { MachineOptions } from '../machine/options.ts';
import type { ProfileName } from '../machine/profile.ts';
import { inside, reaching } from '../media/file-errors.ts';
import { isHubName, SharedHub } from '../net/backends/wires/index.ts';
import { type GceNetwork, type GceNetworkOptions, gceNetwork, type MetadataTree } from '../net/gce/index.ts';
import type { Forward } from './forward.ts';
import { readJson } from './input.ts';

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
  /** A folder whose files are served. */
  readonly serve?: string;
  readonly bootFile?: string;
  /** The machine behind it. */
  readonly profile?: ProfileName;
}

/** Compute Engine's form of a MAC address: 42:01, and the IPv4 address. */
const MAC = /^42:01((?::[0-9a-f]{2}){4})$/i;

/** The network of the command line, with the machine's properties in its metadata; null for none. */
export function bootNetwork(args: NetworkArguments, options: MachineOptions): GceNetwork | null {
  const { net, metadata, forward, serve, bootFile, profile } = args;
  if (net !== 'gce') {
    const asked = { metadata, forward, serve, 'boot-file': bootFile };
    for (const [option, value] of Object.entries(asked))
      if (value !== undefined) throw new MisuseError(`--${option}`, value, '', 'goes with --net gce');
    return null;
  }
  const { vcpus = 1, seed = 1, disks, nics = [{}] } = options;
  const given = metadata === undefined ? {} : (readJson('metadata', metadata) as MetadataTree);
  const names = disks?.map(({ name }, i) => name ?? `persistent-disk-${i}`);
  const known = {
    vcpus,
    seed,
    ...addressOf(nics[0]?.mac),
    ...(names === undefined ? {} : { disks: names }),
    ...(bootFile === undefined ? {} : { bootFile }),
    ...(profile === undefined ? {} : seriesOf(profile)),
  };
  const made =
    metadata === undefined
      ? gceNetwork(known)
      : inside('metadata', metadata, () => gceNetwork({ ...known, metadata: given }));
  if (serve !== undefined) serveFolder(made, serve);
  return made;
}

/** Of a machine of Compute Engine. */
function seriesOf(profile: ProfileName): GceNetworkOptions {
  if (profile === 'qemu-pc') return {};
  return { series: profile.slice('gce-'.length) as NonNullable<GceNetworkOptions['series']> };
}

/** Serves each file of a folder under its path there, by HTTP at every address and by TFTP. */
function serveFolder(network: GceNetwork, folder: string): void {
  const paths = reaching('serve', folder, () => readdirSync(folder, { recursive: true, encoding: 'utf8' }));
  for (const path of paths.sort()) {
    const file = join(folder, path);
    if (!reaching('serve', file, () => statSync(file)).isFile()) continue;
    const bytes = reaching('serve', file, () => readFileSync(file));
    const name = path.split(sep).join('/');
    network.http(`/${name.split('/').map(encodeURIComponent).join('/')}`, bytes);
    network.tftp(name, bytes);
  }
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
