import { headerAddress } from '../../conformance/broken/behind.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import {
  misreadConfig,
  misreadMemory,
  misreadPort,
  miswriteMemory,
} from '../../conformance/broken/misreads.ts';
import { gather } from '../../conformance/probe/gather.ts';
import { factsOf } from '../../conformance/probe/requirements.ts';
import { FRAME } from '../../conformance/reference.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS } from '../../core/places.ts';
import type { Register } from '../../core/register.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import { REVISION_ID, SUBSYSTEM_ID } from '../../pci/registers.ts';
import { IIR } from '../../serial/registers.ts';
import { NET_HDR_F, NET_HDR_GSO, virtio_net_hdr } from '../../virtio/net/registers.ts';
import { DEVICE_FEATURES } from '../../virtio/registers.ts';
import { SCSI_FEATURE } from '../../virtio/scsi/registers.ts';
import { judgeReport } from '../guest-report.ts';
import type { ClauseId } from '../index.ts';
import type { GceFacts } from './facts.ts';

const [HOST_BRIDGE, ISA_BRIDGE, ACPI_BRIDGE, SCSI, NET] = [0x00, 0x08, 0x0b, 0x18, 0x20] as const;
const [COM1] = COM_PORTS;
const { flags, gso_type, gso_size } = virtio_net_hdr.offset;
/** Longer than anything but frames and blocks, and the disk as one piece. */
const LONG = 512;
const WHOLE_DISK = 4096;
const BLOCK = 512;
const CD_ROM = 5;
/** Bytes of READ CAPACITY (16) data, and where they have the logical blocks of a physical one. */
const CAPACITY = { length: 32, exponents: 13 } as const;
/** Where standard INQUIRY data has its version, its vendor and the third version descriptor. */
const INQUIRY = { version: 2, vendor: 8, sbc3: 62 } as const;

const PROBE_ERRAND = { text: 'guestrig probe\r\n', frames: [FRAME] };

/** The smallest machine on which a probe can try each line of the Compute Engine document. */
const probedMachine = () => gceN1({ disks: [{ bytes: 8 * BLOCK }], nics: [{ backend: 'loopback' }] });

type Mistake = (port: GuestPort, machine: Machine) => GuestPort;

/** The network card's buffers are of another length than the disk. */
const withoutPages = () =>
  gceN1({ disks: [{ bytes: WHOLE_DISK }], nics: [{ backend: 'loopback', mergeable: false }] });

const misreadDisk: Mistake = (port) =>
  misreadMemory(port, (bytes) => {
    if (bytes.length === WHOLE_DISK) bytes[0]! ^= 1;
  });

/** The probe, by a guest that works behind a port with one mistake. */
function probing(name: string, clause: ClauseId, mistake: Mistake, machine = probedMachine): BrokenDriver {
  return probed(name, clause, machine, (shown) =>
    factsOf(gather(shown, PROBE_ERRAND, mistake(shown.port, shown)), shown),
  );
}

function probed(
  name: string,
  clause: ClauseId,
  machine: () => Machine,
  facts: (machine: Machine) => GceFacts,
): BrokenDriver {
  return {
    clause,
    machine,
    model: {
      name,
      drivers: [],
      run: (_port, _handles, shown) => judgeReport(shown.journal, { of: 'gce', what: facts(shown) }),
    },
  };
}

const blind = (bdf: number, register: Register) => (port: GuestPort) => misreadConfig(port, bdf, register, 0);
const right: Mistake = (port) => port;
const silent = () => gceN1({ disks: [{ bytes: WHOLE_DISK }] });
const twoDisks = () => gceN1({ disks: [{ bytes: WHOLE_DISK }, { bytes: BLOCK }], nics: [] });

/** Guests that miss one line of the Compute Engine document, or machines that violate it. */
export const MUTANTS: readonly BrokenDriver[] = [
  probing('takes the host bridge for revision 0', 'gce/HOST-BRIDGE', blind(HOST_BRIDGE, REVISION_ID)),
  probing('takes the ISA bridge for revision 0', 'gce/PIIX4-ISA', blind(ISA_BRIDGE, REVISION_ID)),
  probing('takes the ACPI bridge for revision 0', 'gce/PIIX4-ACPI', blind(ACPI_BRIDGE, REVISION_ID)),
  probing('sees no type of the network device', 'gce/NET', blind(NET, SUBSYSTEM_ID)),
  probing('sends frames that do not come back', 'gce/NET-TRAFFIC', right, silent),
  probing('changes what it has summed up', 'gce/NET-CSUM', (port) =>
    miswriteMemory(port, (bytes) => {
      if (isUnsummed(bytes)) bytes[bytes.length - 1]! ^= 1;
    }),
  ),
  probing('asks for segments of the wrong size', 'gce/NET-TSO4', (port) =>
    miswriteMemory(port, (bytes) => {
      if (isLarge(bytes)) bytes[gso_size] = 0;
    }),
  ),
  probing('does not see that segments were joined', 'gce/NET-GRO4', (port) =>
    misreadMemory(port, (bytes) => {
      if (isLarge(bytes)) bytes[gso_type] = NET_HDR_GSO.NONE;
    }),
  ),
  probing('asks for segments of the wrong size over IPv6', 'gce/NET-TSO6', (port) =>
    miswriteMemory(port, (bytes) => {
      if (isLarge(bytes, NET_HDR_GSO.TCPV6)) bytes[gso_size] = 0;
    }),
  ),
  probing('does not see that segments over IPv6 were joined', 'gce/NET-GRO6', (port) =>
    misreadMemory(port, (bytes) => {
      if (isLarge(bytes, NET_HDR_GSO.TCPV6)) bytes[gso_type] = NET_HDR_GSO.NONE;
    }),
  ),
  probing('sees no type of the storage device', 'gce/SCSI', blind(SCSI, SUBSYSTEM_ID)),
  probed('uses a second request queue', 'gce/SCSI-QUEUES', probedMachine, (machine) => {
    const { seen, machine: real } = factsOf(gather(machine, PROBE_ERRAND), machine);
    return { seen, machine: { ...real, scsiQueues: real.scsiQueues + 1 } };
  }),
  probing('takes disks for SPC-3', 'gce/SCSI-SPC4', misreadInquiry(INQUIRY.version, 5)),
  probing('does not find SBC-3', 'gce/SCSI-SBC3', misreadInquiry(INQUIRY.sbc3, 0)),
  probing('takes the second disk for a CD-ROM', 'gce/SCSI-BLOCK-ONLY', takesSecondForCdRom, twoDisks),
  probing('overlooks the size of physical blocks', 'gce/SCSI-BLOCKS', (port) =>
    misreadMemory(port, (bytes) => {
      if (bytes.length === CAPACITY.length) bytes[CAPACITY.exponents] = 0;
    }),
  ),
  probing('reads a bit of the disk wrong', 'gce/SCSI-READ', misreadDisk, withoutPages),
  probing('does not know hotplug', 'gce/SCSI-HOTPLUG', (port) =>
    misreadPort(
      port,
      headerAddress(port, SCSI) + DEVICE_FEATURES.offset,
      (offered) => (offered & ~(1 << SCSI_FEATURE.HOTPLUG)) >>> 0,
    ),
  ),
  probing('takes COM1 for a 16550', 'gce/SERIAL', (port) =>
    misreadPort(port, COM1 + IIR.offset, (iir) => iir & ~IIR.encode({ FIFO: 1 })),
  ),
];

function isUnsummed(bytes: Uint8Array): boolean {
  return bytes.length > LONG && bytes[flags] === NET_HDR_F.NEEDS_CSUM && bytes[gso_type] === NET_HDR_GSO.NONE;
}

function isLarge(bytes: Uint8Array, kind: number = NET_HDR_GSO.TCPV4): boolean {
  return bytes.length > LONG && bytes[flags] === NET_HDR_F.NEEDS_CSUM && bytes[gso_type] === kind;
}

function isInquiry(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(INQUIRY.vendor)).toString('latin1').startsWith('Google');
}

function misreadInquiry(at: number, value: number): Mistake {
  return (port) =>
    misreadMemory(port, (bytes) => {
      if (isInquiry(bytes) && at < bytes.length) bytes.fill(value, at, at + (at === INQUIRY.sbc3 ? 2 : 1));
    });
}

/** By the last request: the answer does not name its command. */
function takesSecondForCdRom(port: GuestPort): GuestPort {
  let target = 0;
  const watched = miswriteMemory(port, (bytes) => {
    target = bytes[1]!;
  });
  return misreadMemory(watched, (bytes) => {
    if (isInquiry(bytes) && target === 2) bytes[0] = CD_ROM;
  });
}
