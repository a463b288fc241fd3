import { checkObject, checkWhole } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';
import { type Ipv4, ipv4Of, macOf } from '../stack/address.ts';
import { BUDGET } from '../stack/tcp/budget.ts';
import type { Lease } from './dhcp/message.ts';
import type { Names6 } from './dns.ts';
import type { Lease6 } from './ipv6/dhcp.ts';
import { ipv6Of } from './ipv6/packet.ts';
import { type Instance, usualTree } from './metadata/instance.ts';
import { checkNode } from './metadata/metadata.ts';
import { isFolder, joined, type MetadataTree } from './metadata/tree.ts';
import { checkedName } from './name.ts';

/** Address of the metadata, DNS and DHCP server. */
export const METADATA_SERVER = ipv4Of('server', '169.254.169.254');
/** Address of the DNS server over IPv6. */
const METADATA_SERVER6 = ipv6Of('server', 'fd20:ce::254');
/** Default MTU: bytes of an IP packet on a network of Compute Engine. */
const MTU = 1460;
const DAY = 86_400_000_000_000;

const SERIES = ['n1', 'n2', 'e2', 'c3', 'c4', 't2a'] as const;

/** Options of the network; everything else is as on Compute Engine. */
export interface GceNetworkOptions {
  /** The guest's IPv4 address. Default 10.128.0.2, which goes with the MAC address of a machine's first NIC. */
  readonly address?: string;
  /** Default: the first address of the guest's /20, such as 10.128.0.1. */
  readonly gateway?: string;
  /** MTU: bytes of an IP packet, 1280 to 8896. Default 1460. */
  readonly mtu?: number;
  /** Name of the instance. Default `instance-1`. */
  readonly name?: string;
  /** Default `project-1`. */
  readonly project?: string;
  /** Default `us-central1-a`. */
  readonly zone?: string;
  /** Machine type that the metadata server reports. Default 1. */
  readonly vcpus?: number;
  /** Series of the machine type: n1, n2, e2, c3, c4 or t2a, which decides the interface of disks. Default n1. */
  readonly series?: (typeof SERIES)[number];
  /** Device names of the disks that the metadata server reports. Default `persistent-disk-0`. */
  readonly disks?: readonly string[];
  /** Metadata beside that of every instance: folders are merged, values replaced. */
  readonly metadata?: MetadataTree;
  /** IPv4 addresses by name, beside those of the instance and the metadata server. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** What a guest that boots from the network loads, from 169.254.169.254: a name for TFTP, or a URL. Default nothing. */
  readonly bootFile?: string;
  /**
   * The guest's IPv6 address, which DHCPv6 leases it once the gateway has advertised itself; `true` is fd20:: and the IPv4
   * address, such as fd20::a80:2. Over IPv6 there are neighbours, echoes, and at fd20:ce::254 DNS, NTP and the metadata
   * server; what a test serves by TCP is at every other address. Default: no IPv6.
   */
  readonly ipv6?: boolean | string;
  /** Lease time in seconds. Default 86400. */
  readonly leaseTime?: number;
  /**
   * Bytes that all TCP connections may keep together, of received data not yet read, and of sent data not yet
   * acknowledged: 1 MiB to 64 GiB. Default 64 MiB.
   */
  readonly budget?: number;
  /** Seed of TCP's initial sequence numbers. Default 1. */
  readonly seed?: number;
}

/** The options, checked, and the values derived from them. */
export interface GceNetworkPlan {
  readonly lease: Lease;
  readonly names: ReadonlyMap<string, Ipv4>;
  /** Names with IPv6 addresses; empty without IPv6. */
  readonly names6: Names6;
  readonly tree: MetadataTree;
  readonly seed: number;
  readonly budget: number;
  /** Null without IPv6. */
  readonly lease6: Lease6 | null;
}

const MOST = { budget: 2 ** 36, mtu: 8896, vcpus: 96, seconds: 0xffff_ffff, seed: 2 ** 32 - 1 } as const;
const MTU_LEAST = 1280;
const BUDGET_LEAST = 1 << 20;
const BOOT_FILE_MOST = 255;
const SECOND = 1_000_000_000;

/** @throws MisuseError for an invalid option. */
export function planNetwork(options: GceNetworkOptions): GceNetworkPlan {
  checkObject('gceNetwork', options);
  const { mtu = MTU, vcpus = 1, leaseTime = DAY / SECOND, seed = 1, budget = BUDGET, bootFile } = options;
  checkWhole('gceNetwork.mtu', mtu, MTU_LEAST, MOST.mtu);
  checkWhole('gceNetwork.vcpus', vcpus, 1, MOST.vcpus);
  checkWhole('gceNetwork.leaseTime', leaseTime, 1, MOST.seconds);
  checkWhole('gceNetwork.budget', budget, BUDGET_LEAST, MOST.budget);
  checkWhole('gceNetwork.seed', seed, 0, MOST.seed);
  if (bootFile !== undefined && (typeof bootFile !== 'string' || bootFile.length > BOOT_FILE_MOST))
    throw new MisuseError('gceNetwork.bootFile', bootFile, 'a name of up to 255 characters');
  const instance = planInstance(options, mtu, vcpus);
  const { address, gateway, hostName, zone, project } = instance;
  const domain = `c.${project}.internal`;
  const domains = [`${zone}.${domain}`, domain, 'google.internal'] as const;
  const time = leaseTime * SECOND;
  const lease6 = planIpv6(options.ipv6, address, { mac: macOf(gateway), seconds: leaseTime, domains });
  return {
    lease: {
      address,
      gateway,
      server: METADATA_SERVER,
      mtu,
      time,
      hostName,
      domains,
      bootFile: bootFile ?? null,
    },
    names: namesOf(hostName, address, options.hosts),
    tree: planTree(instance, options.metadata),
    seed,
    budget,
    lease6,
    names6: names6Of(hostName, lease6),
  };
}

function planIpv6(
  given: boolean | string = false,
  address: Ipv4,
  rest: Omit<Lease6, 'address' | 'server'>,
): Lease6 | null {
  if (given === false) return null;
  const text =
    given === true ? `fd20::${(address >>> 16).toString(16)}:${(address & 0xffff).toString(16)}` : given;
  return { address: ipv6Of('gceNetwork.ipv6', text), server: METADATA_SERVER6, ...rest };
}

function names6Of(hostName: string, lease6: Lease6 | null): Names6 {
  if (lease6 === null) return new Map();
  return new Map([
    [hostName, lease6.address],
    ['metadata.google.internal', lease6.server],
    ['metadata', lease6.server],
  ]);
}

function planInstance(options: GceNetworkOptions, mtu: number, vcpus: number): Instance {
  const { disks = ['persistent-disk-0'], series = 'n1' } = options;
  if (!SERIES.includes(series))
    throw new MisuseError('gceNetwork.series', series, `one of ${SERIES.join(', ')}`);
  const address = ipv4Of('gceNetwork.address', options.address ?? '10.128.0.2');
  const gateway =
    options.gateway === undefined ? firstOf(address) : ipv4Of('gceNetwork.gateway', options.gateway);
  if (gateway === address)
    throw new MisuseError('gceNetwork.address', options.address, "different from the gateway's");
  const name = checkedName('gceNetwork.name', options.name ?? 'instance-1');
  const project = checkedName('gceNetwork.project', options.project ?? 'project-1');
  const zone = checkedName('gceNetwork.zone', options.zone ?? 'us-central1-a');
  if (!Array.isArray(disks)) throw new MisuseError('gceNetwork.disks', disks, 'a list of names');
  for (const [i, disk] of disks.entries()) checkedName(`gceNetwork.disks[${i}]`, disk);
  const hostName = `${name}.${zone}.c.${project}.internal`;
  return { name, project, zone, hostName, address, gateway, mtu, vcpus, series, disks };
}

function planTree(instance: Instance, more: MetadataTree = {}): MetadataTree {
  if (!isFolder(more)) throw new MisuseError('gceNetwork.metadata', more, 'an object');
  checkNode('gceNetwork.metadata', more);
  return joined(usualTree(instance), more) as MetadataTree;
}

function namesOf(
  hostName: string,
  address: Ipv4,
  hosts: GceNetworkOptions['hosts'] = {},
): ReadonlyMap<string, Ipv4> {
  checkObject('gceNetwork.hosts', hosts);
  const own: [string, Ipv4][] = [
    [hostName, address],
    ['metadata.google.internal', METADATA_SERVER],
    ['metadata', METADATA_SERVER],
  ];
  const given = Object.entries(hosts).map(([name, text]): [string, Ipv4] => {
    const path = `gceNetwork.hosts['${name}']`;
    return [checkedName(path, name), ipv4Of(path, text)];
  });
  return new Map([...own, ...given]);
}

/** Subnets that Compute Engine makes by default are /20, and their first address is the gateway's. */
function firstOf(address: Ipv4): Ipv4 {
  return ((address & 0xffff_f000) >>> 0) + 1;
}
