import { macText } from '../../../core/bits.ts';
import { type Ipv4, ipv4Text, macOf } from '../../stack/address.ts';
import type { MetadataTree } from './tree.ts';

/** Defaults for a project and an instance. */
const [PROJECT_NUMBER, INSTANCE_ID] = [123_456_789_012, 1_234_567_890_123_456];
const PROJECT = `projects/${PROJECT_NUMBER}`;

/** Of those that are modelled: their disks are NVMe. */
const NVME_SERIES: readonly string[] = ['c3', 'c4', 't2a'];

/** What the metadata server knows of an instance and its network. */
export interface Instance {
  readonly name: string;
  readonly project: string;
  readonly zone: string;
  readonly hostName: string;
  readonly address: Ipv4;
  readonly gateway: Ipv4;
  readonly mtu: number;
  readonly vcpus: number;
  /** Of its machine type, such as `n1`. */
  readonly series: string;
  /** Names of persistent disks, the boot disk's first. */
  readonly disks: readonly string[];
}

/** The metadata of every instance. */
export function usualTree(instance: Instance): MetadataTree {
  const { name, project, zone, hostName, vcpus, series, disks } = instance;
  return {
    instance: {
      // Without it a guest may not write guest attributes.
      attributes: { 'enable-guest-attributes': 'TRUE' },
      'cpu-platform': 'Intel Haswell',
      description: '',
      disks: disks.map((disk, index) => diskOf(disk, index, series)),
      'guest-attributes': {},
      hostname: hostName,
      id: INSTANCE_ID,
      image: '',
      licenses: [],
      'machine-type': `${PROJECT}/machineTypes/${series}-standard-${vcpus}`,
      'maintenance-event': 'NONE',
      name,
      'network-interfaces': [interfaceOf(instance)],
      preempted: 'FALSE',
      'remaining-cpu-time': -1,
      scheduling: { 'automatic-restart': 'TRUE', 'on-host-maintenance': 'MIGRATE', preemptible: 'FALSE' },
      'service-accounts': {},
      tags: [],
      'virtual-clock': { 'drift-token': '0' },
      zone: `${PROJECT}/zones/${zone}`,
    },
    oslogin: { authenticate: { sessions: {} } },
    project: { attributes: {}, 'numeric-project-id': PROJECT_NUMBER, 'project-id': project },
  };
}

function diskOf(name: string, index: number, series: string): MetadataTree {
  return {
    'device-name': name,
    index,
    interface: NVME_SERIES.includes(series) ? 'NVME' : 'SCSI',
    mode: 'READ_WRITE',
    type: 'PERSISTENT-BALANCED',
  };
}

function interfaceOf({ address, gateway, mtu }: Instance): MetadataTree {
  return {
    'access-configs': [{ 'external-ip': '', type: 'ONE_TO_ONE_NAT' }],
    'dns-servers': ['169.254.169.254'],
    'forwarded-ips': [],
    gateway: ipv4Text(gateway),
    ip: ipv4Text(address),
    'ip-aliases': [],
    mac: macText(macOf(address)),
    mtu,
    network: `${PROJECT}/networks/default`,
    subnetmask: '255.255.240.0',
    'target-instance-ips': [],
  };
}
