// Written by `npm run docs` from the files of this folder; a test compares.
import { MUTANTS as CHIPSET_APIC } from './chipset/apic.mutants.ts';
import { MUTANTS as CHIPSET_BOARD } from './chipset/board.mutants.ts';
import { MUTANTS as CHIPSET_PIC } from './chipset/pic.mutants.ts';
import { MUTANTS as CHIPSET_TIMERS } from './chipset/timers.mutants.ts';
import { MUTANTS as GCE_GCE } from './gce/gce.mutants.ts';
import { MUTANTS as GVNIC_BUFFERS } from './gvnic/buffers.mutants.ts';
import { MUTANTS as GVNIC_CONDUCT } from './gvnic/conduct.mutants.ts';
import { MUTANTS as GVNIC_DQO_RING } from './gvnic/dqo-ring.mutants.ts';
import { MUTANTS as GVNIC_GVNIC } from './gvnic/gvnic.mutants.ts';
import { MUTANTS as GVNIC_MAILBOX } from './gvnic/mailbox.mutants.ts';
import { MUTANTS as GVNIC_QUEUES } from './gvnic/queues.mutants.ts';
import { MUTANTS as GVNIC_REQUESTS } from './gvnic/requests.mutants.ts';
import { MUTANTS as GVNIC_SENDS } from './gvnic/sends.mutants.ts';
import { MUTANTS as GVNIC_STOCK } from './gvnic/stock.mutants.ts';
import { MUTANTS as GVNIC_TRANSMIT } from './gvnic/transmit.mutants.ts';
import { MUTANTS as KVM_KVM } from './kvm/kvm.mutants.ts';
import { MUTANTS as LIVE_LIVE } from './live/live.mutants.ts';
import { MUTANTS as LIVE_UNHEARD } from './live/unheard.mutants.ts';
import { MUTANTS as MEMORY_ALLOCATIONS } from './memory/allocations.mutants.ts';
import { MUTANTS as MEMORY_RAM } from './memory/ram.mutants.ts';
import { MUTANTS as NVME_COMMANDS } from './nvme/commands.mutants.ts';
import { MUTANTS as NVME_NVME } from './nvme/nvme.mutants.ts';
import { MUTANTS as NVME_OUTSTANDING } from './nvme/outstanding.mutants.ts';
import { MUTANTS as NVME_RETRIES } from './nvme/retries.mutants.ts';
import { MUTANTS as PCI_FUNCTION } from './pci/function.mutants.ts';
import { MUTANTS as PCI_MESSAGES } from './pci/messages.mutants.ts';
import { MUTANTS as PCI_WIDE } from './pci/wide.mutants.ts';
import { MUTANTS as SCSI_INITIATOR } from './scsi/initiator.mutants.ts';
import { MUTANTS as SCSI_REFUSALS } from './scsi/refusals.mutants.ts';
import { MUTANTS as SERIAL_PL011 } from './serial/pl011.mutants.ts';
import { MUTANTS as SERIAL_UART } from './serial/uart.mutants.ts';
import { MUTANTS as VIRTIO_BALLOON_BALLOON } from './virtio/balloon/balloon.mutants.ts';
import { MUTANTS as VIRTIO_DISCOVERY_DISCOVERY } from './virtio/discovery/discovery.mutants.ts';
import { MUTANTS as VIRTIO_INIT_FEATURES } from './virtio/init/features.mutants.ts';
import { MUTANTS as VIRTIO_INIT_INIT } from './virtio/init/init.mutants.ts';
import { MUTANTS as VIRTIO_INIT_MODERN_INIT } from './virtio/init/modern-init.mutants.ts';
import { MUTANTS as VIRTIO_INIT_OUTCOME } from './virtio/init/outcome.mutants.ts';
import { MUTANTS as VIRTIO_INIT_SUSPEND } from './virtio/init/suspend.mutants.ts';
import { MUTANTS as VIRTIO_NET_ADMIN_ADMIN } from './virtio/net/admin/admin.mutants.ts';
import { MUTANTS as VIRTIO_NET_CLAIMS_CLAIMS } from './virtio/net/claims/claims.mutants.ts';
import { MUTANTS as VIRTIO_NET_CLAIMS_TUNNELS } from './virtio/net/claims/tunnels.mutants.ts';
import { MUTANTS as VIRTIO_NET_COMMANDS } from './virtio/net/commands.mutants.ts';
import { MUTANTS as VIRTIO_NET_CONTROL } from './virtio/net/control.mutants.ts';
import { MUTANTS as VIRTIO_NET_DELIVERIES } from './virtio/net/deliveries.mutants.ts';
import { MUTANTS as VIRTIO_NET_FEATURES } from './virtio/net/features.mutants.ts';
import { MUTANTS as VIRTIO_NET_NET } from './virtio/net/net.mutants.ts';
import { MUTANTS as VIRTIO_NET_TRANSMIT } from './virtio/net/transmit.mutants.ts';
import { MUTANTS as VIRTIO_QUEUE_ANNOUNCE } from './virtio/queue/announce.mutants.ts';
import { MUTANTS as VIRTIO_QUEUE_ASTRAY } from './virtio/queue/astray.mutants.ts';
import { MUTANTS as VIRTIO_QUEUE_LENGTHS } from './virtio/queue/lengths.mutants.ts';
import { MUTANTS as VIRTIO_QUEUE_PACKED } from './virtio/queue/packed.mutants.ts';
import { MUTANTS as VIRTIO_QUEUE_SPLIT } from './virtio/queue/split.mutants.ts';
import { MUTANTS as VIRTIO_QUEUE_SPLIT_INDIRECT } from './virtio/queue/split-indirect.mutants.ts';
import { MUTANTS as VIRTIO_QUEUE_STOCK } from './virtio/queue/stock.mutants.ts';
import { MUTANTS as VIRTIO_RNG_RNG } from './virtio/rng/rng.mutants.ts';
import { MUTANTS as VIRTIO_SCSI_HOT_EVENTS } from './virtio/scsi/hot-events.mutants.ts';
import { MUTANTS as VIRTIO_SCSI_LISTS } from './virtio/scsi/lists.mutants.ts';
import { MUTANTS as VIRTIO_SCSI_SCSI } from './virtio/scsi/scsi.mutants.ts';
import { MUTANTS as VIRTIO_STORES_IN_FLIGHT } from './virtio/stores/in-flight.mutants.ts';
import { MUTANTS as VIRTIO_STORES_LENT } from './virtio/stores/lent.mutants.ts';
import { MUTANTS as VIRTIO_STORES_STORES } from './virtio/stores/stores.mutants.ts';
import { MUTANTS as VIRTIO_TRANSPORT_INTERFACES } from './virtio/transport/interfaces.mutants.ts';
import { MUTANTS as VIRTIO_TRANSPORT_KICK } from './virtio/transport/kick.mutants.ts';
import { MUTANTS as VIRTIO_TRANSPORT_LAYOUT } from './virtio/transport/layout.mutants.ts';
import { MUTANTS as VIRTIO_TRANSPORT_QUEUE_SETUP } from './virtio/transport/queue-setup.mutants.ts';
import { MUTANTS as VIRTIO_TRANSPORT_VECTORS } from './virtio/transport/vectors.mutants.ts';
import type { BrokenDriver } from '../conformance/broken/broken-driver.ts';

/** One mistake each, and the clause it breaks: they test the rules, as a good driver cannot. */
export const BROKEN_DRIVERS: readonly BrokenDriver[] = [
  ...CHIPSET_APIC,
  ...CHIPSET_BOARD,
  ...CHIPSET_PIC,
  ...CHIPSET_TIMERS,
  ...GCE_GCE,
  ...GVNIC_BUFFERS,
  ...GVNIC_CONDUCT,
  ...GVNIC_DQO_RING,
  ...GVNIC_GVNIC,
  ...GVNIC_MAILBOX,
  ...GVNIC_QUEUES,
  ...GVNIC_REQUESTS,
  ...GVNIC_SENDS,
  ...GVNIC_STOCK,
  ...GVNIC_TRANSMIT,
  ...KVM_KVM,
  ...LIVE_LIVE,
  ...LIVE_UNHEARD,
  ...MEMORY_ALLOCATIONS,
  ...MEMORY_RAM,
  ...NVME_COMMANDS,
  ...NVME_NVME,
  ...NVME_OUTSTANDING,
  ...NVME_RETRIES,
  ...PCI_FUNCTION,
  ...PCI_MESSAGES,
  ...PCI_WIDE,
  ...SCSI_INITIATOR,
  ...SCSI_REFUSALS,
  ...SERIAL_PL011,
  ...SERIAL_UART,
  ...VIRTIO_BALLOON_BALLOON,
  ...VIRTIO_DISCOVERY_DISCOVERY,
  ...VIRTIO_INIT_FEATURES,
  ...VIRTIO_INIT_INIT,
  ...VIRTIO_INIT_MODERN_INIT,
  ...VIRTIO_INIT_OUTCOME,
  ...VIRTIO_INIT_SUSPEND,
  ...VIRTIO_NET_ADMIN_ADMIN,
  ...VIRTIO_NET_CLAIMS_CLAIMS,
  ...VIRTIO_NET_CLAIMS_TUNNELS,
  ...VIRTIO_NET_COMMANDS,
  ...VIRTIO_NET_CONTROL,
  ...VIRTIO_NET_DELIVERIES,
  ...VIRTIO_NET_FEATURES,
  ...VIRTIO_NET_NET,
  ...VIRTIO_NET_TRANSMIT,
  ...VIRTIO_QUEUE_ANNOUNCE,
  ...VIRTIO_QUEUE_ASTRAY,
  ...VIRTIO_QUEUE_LENGTHS,
  ...VIRTIO_QUEUE_PACKED,
  ...VIRTIO_QUEUE_SPLIT,
  ...VIRTIO_QUEUE_SPLIT_INDIRECT,
  ...VIRTIO_QUEUE_STOCK,
  ...VIRTIO_RNG_RNG,
  ...VIRTIO_SCSI_HOT_EVENTS,
  ...VIRTIO_SCSI_LISTS,
  ...VIRTIO_SCSI_SCSI,
  ...VIRTIO_STORES_IN_FLIGHT,
  ...VIRTIO_STORES_LENT,
  ...VIRTIO_STORES_STORES,
  ...VIRTIO_TRANSPORT_INTERFACES,
  ...VIRTIO_TRANSPORT_KICK,
  ...VIRTIO_TRANSPORT_LAYOUT,
  ...VIRTIO_TRANSPORT_QUEUE_SETUP,
  ...VIRTIO_TRANSPORT_VECTORS,
];
