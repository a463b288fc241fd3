// Written by `npm run docs` from the files of this folder; a test compares.
import { PIC } from './chipset/pic.ts';
import { INTERRUPT } from './chipset/interrupt.ts';
import { ROUTER } from './chipset/router.ts';
import { IO_APIC } from './chipset/apic.ts';
import { LOCAL_APIC } from './chipset/local-apic.ts';
import { RTC } from './chipset/rtc.ts';
import { PIT } from './chipset/pit.ts';
import { POWER_MANAGEMENT } from './chipset/acpi.ts';
import { KEYBOARD_CONTROLLER } from './chipset/i8042.ts';
import { PIC_EOI } from './chipset/eoi.ts';
import { RTC_READING } from './chipset/rtc-reading.ts';
import { UART } from './serial/uart.ts';
import { UART_USE } from './serial/use.ts';
import { UART_WAITING } from './serial/waiting.ts';
import { UART_FORMAT } from './serial/format.ts';
import { ARM_UART } from './serial/pl011.ts';
import { ARM_UART_SET_UP } from './serial/pl011-set-up.ts';
import { LINES } from './live/live.ts';
import { WAITING } from './live/live.ts';
import { UNHEARD } from './live/unheard.ts';
import { RAM } from './memory/ram.ts';
import { ALLOCATIONS } from './memory/allocations.ts';
import { CONFIG } from './pci/config.ts';
import { ENUMERATION } from './pci/enumeration.ts';
import { FUNCTION } from './pci/function.ts';
import { PLACES } from './pci/places.ts';
import { MESSAGES } from './pci/messages.ts';
import { WIDE } from './pci/wide.ts';
import { BUS_NUMBERS } from './pci/enumeration.ts';
import { DISCOVERY_RULES } from './virtio/discovery/discovery.ts';
import { BRING_UP_RULES } from './virtio/discovery/bring-up.ts';
import { INIT } from './virtio/init/init.ts';
import { MODERN_INIT } from './virtio/init/modern-init.ts';
import { SUSPENSION } from './virtio/init/suspend.ts';
import { FEATURES } from './virtio/init/features.ts';
import { MODERN_FEATURES } from './virtio/init/features.ts';
import { STRANGERS } from './virtio/init/strangers.ts';
import { OUTCOME } from './virtio/init/outcome.ts';
import { LAYOUT } from './virtio/transport/layout.ts';
import { QUEUE_SETUP } from './virtio/transport/queue-setup.ts';
import { KICKS } from './virtio/transport/kick.ts';
import { RINGS } from './virtio/queue/rings.ts';
import { ANNOUNCE } from './virtio/queue/announce.ts';
import { STOCK } from './virtio/queue/stock.ts';
import { LENGTHS } from './virtio/queue/lengths.ts';
import { STORES } from './virtio/stores/stores.ts';
import { VECTOR_RULES } from './virtio/transport/vectors.ts';
import { INTERFACE_RULES } from './virtio/transport/interfaces.ts';
import { ISR_RULES } from './virtio/transport/isr.ts';
import { NET_FEATURE_RULES } from './virtio/net/features.ts';
import { NET } from './virtio/net/net.ts';
import { SCSI } from './virtio/scsi/scsi.ts';
import { SCSI_REQUESTS } from './virtio/scsi/requests.ts';
import { HOT_EVENTS } from './virtio/scsi/hot-events.ts';
import { SCSI_COMMANDS } from './scsi/commands.ts';
import { SCSI_DATA } from './scsi/data.ts';
import { SCSI_REFUSALS } from './scsi/refusals.ts';
import { SCSI_LISTS } from './virtio/scsi/lists.ts';
import { BALLOON } from './virtio/balloon/pages.ts';
import { BALLOON_STATISTICS } from './virtio/balloon/statistics.ts';
import { BALLOON_CONFIG } from './virtio/balloon/config.ts';
import { RNG } from './virtio/rng/rng.ts';
import { GCE } from './gce/gce.ts';
import { GCE_DISKS } from './gce/disks.ts';
import { GVNIC_BRING_UP } from './gvnic/bring-up.ts';
import { GVNIC_COMMANDS } from './gvnic/commands.ts';
import { GVNIC_DOORBELLS } from './gvnic/doorbells.ts';
import { GVNIC_TRANSMIT } from './gvnic/transmit.ts';
import { GVNIC_BUFFERS } from './gvnic/buffers.ts';
import { GVNIC_CONDUCT } from './gvnic/conduct.ts';
import { GVNIC_DQO_RING } from './gvnic/dqo-ring.ts';
import { GVNIC_MEMORY } from './gvnic/memory.ts';
import { GVNIC_QUEUES } from './gvnic/queues.ts';
import { GVNIC_REQUESTS } from './gvnic/requests.ts';
import { GVNIC_MAILBOX } from './gvnic/mailbox.ts';
import { GVNIC_SENDS } from './gvnic/sends.ts';
import { GVNIC_STOCK } from './gvnic/stock.ts';
import { NVME_BRING_UP } from './nvme/bring-up.ts';
import { NVME_COMMANDS } from './nvme/commands.ts';
import { NVME_MEMORY } from './nvme/queue-memory.ts';
import { NVME_DOORBELLS } from './nvme/doorbells.ts';
import { NVME_QUEUES } from './nvme/queues.ts';
import { NVME_OUTSTANDING } from './nvme/outstanding.ts';
import { NVME_COMPLETIONS } from './nvme/completions.ts';
import { NVME_RETRIES } from './nvme/retries.ts';
import { KVM_AREAS } from './kvm/areas.ts';
import { KVM_MSRS } from './kvm/msrs.ts';
import { KVM_READINGS } from './kvm/reading.ts';
import { clausesOf } from '../core/rule.ts';

/** What each clause says, for people. Reports have this order; a new table stands behind those of its folder. */
export const CLAUSES = clausesOf({
  ...PIC,
  ...INTERRUPT,
  ...ROUTER,
  ...IO_APIC,
  ...LOCAL_APIC,
  ...RTC,
  ...PIT,
  ...POWER_MANAGEMENT,
  ...KEYBOARD_CONTROLLER,
  ...PIC_EOI,
  ...RTC_READING,
  ...UART,
  ...UART_USE,
  ...UART_WAITING,
  ...UART_FORMAT,
  ...ARM_UART,
  ...ARM_UART_SET_UP,
  ...LINES,
  ...WAITING,
  ...UNHEARD,
  ...RAM,
  ...ALLOCATIONS,
  ...CONFIG,
  ...ENUMERATION,
  ...FUNCTION,
  ...PLACES,
  ...MESSAGES,
  ...WIDE,
  ...BUS_NUMBERS,
  ...DISCOVERY_RULES,
  ...BRING_UP_RULES,
  ...INIT,
  ...MODERN_INIT,
  ...SUSPENSION,
  ...FEATURES,
  ...MODERN_FEATURES,
  ...STRANGERS,
  ...OUTCOME,
  ...LAYOUT,
  ...QUEUE_SETUP,
  ...KICKS,
  ...RINGS,
  ...ANNOUNCE,
  ...STOCK,
  ...LENGTHS,
  ...STORES,
  ...VECTOR_RULES,
  ...INTERFACE_RULES,
  ...ISR_RULES,
  ...NET_FEATURE_RULES,
  ...NET,
  ...SCSI,
  ...SCSI_REQUESTS,
  ...HOT_EVENTS,
  ...SCSI_COMMANDS,
  ...SCSI_DATA,
  ...SCSI_REFUSALS,
  ...SCSI_LISTS,
  ...BALLOON,
  ...BALLOON_STATISTICS,
  ...BALLOON_CONFIG,
  ...RNG,
  ...GCE,
  ...GCE_DISKS,
  ...GVNIC_BRING_UP,
  ...GVNIC_COMMANDS,
  ...GVNIC_DOORBELLS,
  ...GVNIC_TRANSMIT,
  ...GVNIC_BUFFERS,
  ...GVNIC_CONDUCT,
  ...GVNIC_DQO_RING,
  ...GVNIC_MEMORY,
  ...GVNIC_QUEUES,
  ...GVNIC_REQUESTS,
  ...GVNIC_MAILBOX,
  ...GVNIC_SENDS,
  ...GVNIC_STOCK,
  ...NVME_BRING_UP,
  ...NVME_COMMANDS,
  ...NVME_MEMORY,
  ...NVME_DOORBELLS,
  ...NVME_QUEUES,
  ...NVME_OUTSTANDING,
  ...NVME_COMPLETIONS,
  ...NVME_RETRIES,
  ...KVM_AREAS,
  ...KVM_MSRS,
  ...KVM_READINGS,
});
