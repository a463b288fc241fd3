// Written by `npm run docs` from the files of this folder; a test compares.
import { IO_APIC_PROOFS } from './chipset/apic.proof.ts';
import { LOCAL_APIC_PROOFS } from './chipset/apic.proof.ts';
import { KEYBOARD_CONTROLLER_PROOFS } from './chipset/board.proof.ts';
import { POWER_MANAGEMENT_PROOFS } from './chipset/board.proof.ts';
import { PIC_PROOFS } from './chipset/pic.proof.ts';
import { PIC_EOI_PROOFS } from './chipset/pic.proof.ts';
import { ROUTER_PROOFS } from './chipset/pic.proof.ts';
import { INTERRUPT_PROOFS } from './chipset/pic.proof.ts';
import { RTC_READING_PROOFS } from './chipset/timers.proof.ts';
import { RTC_PROOFS } from './chipset/timers.proof.ts';
import { PIT_PROOFS } from './chipset/timers.proof.ts';
import { GCE_PROOFS } from './gce/gce.proof.ts';
import { GVNIC_BUFFER_PROOFS } from './gvnic/buffers.proof.ts';
import { GVNIC_CONDUCT_PROOFS } from './gvnic/conduct.proof.ts';
import { GVNIC_DQO_RING_PROOFS } from './gvnic/dqo-ring.proof.ts';
import { GVNIC_PROOFS } from './gvnic/gvnic.proof.ts';
import { GVNIC_MAILBOX_PROOFS } from './gvnic/mailbox.proof.ts';
import { GVNIC_QUEUE_PROOFS } from './gvnic/queues.proof.ts';
import { GVNIC_MEMORY_PROOFS } from './gvnic/queues.proof.ts';
import { GVNIC_REQUEST_PROOFS } from './gvnic/requests.proof.ts';
import { GVNIC_SENDS_PROOFS } from './gvnic/sends.proof.ts';
import { GVNIC_STOCK_PROOFS } from './gvnic/stock.proof.ts';
import { GVNIC_TRANSMIT_PROOFS } from './gvnic/transmit.proof.ts';
import { KVM_MSR_PROOFS } from './kvm/kvm.proof.ts';
import { KVM_AREA_PROOFS } from './kvm/kvm.proof.ts';
import { KVM_READING_PROOFS } from './kvm/readings.proof.ts';
import { LINE_PROOFS } from './live/live.proof.ts';
import { UNHEARD_PROOFS } from './live/live.proof.ts';
import { WAITING_PROOFS } from './live/live.proof.ts';
import { ALLOCATIONS_PROOFS } from './memory/allocations.proof.ts';
import { RAM_PROOFS } from './memory/ram.proof.ts';
import { NVME_COMMAND_PROOFS } from './nvme/commands.proof.ts';
import { NVME_COMPLETION_PROOFS } from './nvme/completions.proof.ts';
import { NVME_BRING_UP_PROOFS } from './nvme/nvme.proof.ts';
import { NVME_DOORBELL_PROOFS } from './nvme/nvme.proof.ts';
import { NVME_QUEUE_PROOFS } from './nvme/nvme.proof.ts';
import { NVME_OUTSTANDING_PROOFS } from './nvme/outstanding.proof.ts';
import { NVME_MEMORY_PROOFS } from './nvme/outstanding.proof.ts';
import { NVME_RETRY_PROOFS } from './nvme/retries.proof.ts';
import { CONFIG_PROOFS } from './pci/config.proof.ts';
import { ENUMERATION_PROOFS } from './pci/enumeration.proof.ts';
import { BUS_NUMBER_PROOFS } from './pci/enumeration.proof.ts';
import { FUNCTION_PROOFS } from './pci/function.proof.ts';
import { MESSAGE_PROOFS } from './pci/function.proof.ts';
import { PLACE_PROOFS } from './pci/function.proof.ts';
import { WIDE_PROOFS } from './pci/function.proof.ts';
import { INITIATOR_PROOFS } from './scsi/initiator.proof.ts';
import { PL011_PROOFS } from './serial/pl011.proof.ts';
import { PL011_SET_UP_PROOFS } from './serial/pl011-set-up.proof.ts';
import { UART_PROOFS } from './serial/uart.proof.ts';
import { UART_USE_PROOFS } from './serial/use.proof.ts';
import { UART_WAITING_PROOFS } from './serial/use.proof.ts';
import { BALLOON_END_PROOFS } from './virtio/balloon/balloon.proof.ts';
import { BALLOON_STATISTICS_PROOFS } from './virtio/balloon/balloon.proof.ts';
import { BALLOON_PROOFS } from './virtio/balloon/balloon.proof.ts';
import { DISCOVERY_PROOFS } from './virtio/discovery/discovery.proof.ts';
import { BRING_UP_PROOFS } from './virtio/discovery/discovery.proof.ts';
import { INIT_PROOFS } from './virtio/init/init.proof.ts';
import { MODERN_INIT_PROOFS } from './virtio/init/init.proof.ts';
import { FEATURES_PROOFS } from './virtio/init/init.proof.ts';
import { MODERN_FEATURES_PROOFS } from './virtio/init/init.proof.ts';
import { OUTCOME_PROOFS } from './virtio/init/outcome.proof.ts';
import { STRANGER_PROOFS } from './virtio/init/strangers.proof.ts';
import { SUSPENSION_PROOFS } from './virtio/init/suspend.proof.ts';
import { ADMIN_PROOFS } from './virtio/net/admin/admin.proof.ts';
import { CHANGING_PROOFS } from './virtio/net/changing.proof.ts';
import { CLAIM_PROOFS } from './virtio/net/claims/claims.proof.ts';
import { BIG_ENDIAN_PROOFS } from './virtio/net/claims/claims.proof.ts';
import { TUNNEL_PROOFS } from './virtio/net/claims/tunnels.proof.ts';
import { COMMANDS_PROOFS } from './virtio/net/commands.proof.ts';
import { CONTROL_PROOFS } from './virtio/net/control.proof.ts';
import { DELIVERY_PROOFS } from './virtio/net/deliveries.proof.ts';
import { NET_FEATURE_PROOFS } from './virtio/net/features.proof.ts';
import { CHAIN_PROOFS } from './virtio/net/frames.proof.ts';
import { NET_PROOFS } from './virtio/net/net.proof.ts';
import { TRANSMIT_PROOFS } from './virtio/net/transmit.proof.ts';
import { ANNOUNCE_PROOFS } from './virtio/queue/announce.proof.ts';
import { LENGTH_PROOFS } from './virtio/queue/lengths.proof.ts';
import { RING_PROOFS } from './virtio/queue/rings.proof.ts';
import { SMALLER_LAYOUT_PROOFS } from './virtio/queue/smaller-layout.proof.ts';
import { STOCK_PROOFS } from './virtio/queue/stock.proof.ts';
import { RNG_PROOFS } from './virtio/rng/rng.proof.ts';
import { HOT_EVENT_PROOFS } from './virtio/scsi/hot-events.proof.ts';
import { SCSI_PROOFS } from './virtio/scsi/scsi.proof.ts';
import { PACKED_STORES_PROOFS } from './virtio/stores/packed-rules.proof.ts';
import { STORES_PROOFS } from './virtio/stores/stores.proof.ts';
import { ISR_PROOFS } from './virtio/transport/isr.proof.ts';
import { LAYOUT_PROOFS } from './virtio/transport/transport.proof.ts';
import { KICK_PROOFS } from './virtio/transport/transport.proof.ts';
import { QUEUE_SETUP_PROOFS } from './virtio/transport/transport.proof.ts';
import { INTERFACE_PROOFS } from './virtio/transport/transport.proof.ts';
import type { Proof } from './script.proof.ts';

/** Every script there is, by its clause. */
export const PROOFS: Readonly<Record<string, Proof>> = {
  ...IO_APIC_PROOFS,
  ...LOCAL_APIC_PROOFS,
  ...KEYBOARD_CONTROLLER_PROOFS,
  ...POWER_MANAGEMENT_PROOFS,
  ...PIC_PROOFS,
  ...PIC_EOI_PROOFS,
  ...ROUTER_PROOFS,
  ...INTERRUPT_PROOFS,
  ...RTC_READING_PROOFS,
  ...RTC_PROOFS,
  ...PIT_PROOFS,
  ...GCE_PROOFS,
  ...GVNIC_BUFFER_PROOFS,
  ...GVNIC_CONDUCT_PROOFS,
  ...GVNIC_DQO_RING_PROOFS,
  ...GVNIC_PROOFS,
  ...GVNIC_MAILBOX_PROOFS,
  ...GVNIC_QUEUE_PROOFS,
  ...GVNIC_MEMORY_PROOFS,
  ...GVNIC_REQUEST_PROOFS,
  ...GVNIC_SENDS_PROOFS,
  ...GVNIC_STOCK_PROOFS,
  ...GVNIC_TRANSMIT_PROOFS,
  ...KVM_MSR_PROOFS,
  ...KVM_AREA_PROOFS,
  ...KVM_READING_PROOFS,
  ...LINE_PROOFS,
  ...UNHEARD_PROOFS,
  ...WAITING_PROOFS,
  ...ALLOCATIONS_PROOFS,
  ...RAM_PROOFS,
  ...NVME_COMMAND_PROOFS,
  ...NVME_COMPLETION_PROOFS,
  ...NVME_BRING_UP_PROOFS,
  ...NVME_DOORBELL_PROOFS,
  ...NVME_QUEUE_PROOFS,
  ...NVME_OUTSTANDING_PROOFS,
  ...NVME_MEMORY_PROOFS,
  ...NVME_RETRY_PROOFS,
  ...CONFIG_PROOFS,
  ...ENUMERATION_PROOFS,
  ...BUS_NUMBER_PROOFS,
  ...FUNCTION_PROOFS,
  ...MESSAGE_PROOFS,
  ...PLACE_PROOFS,
  ...WIDE_PROOFS,
  ...INITIATOR_PROOFS,
  ...PL011_PROOFS,
  ...PL011_SET_UP_PROOFS,
  ...UART_PROOFS,
  ...UART_USE_PROOFS,
  ...UART_WAITING_PROOFS,
  ...BALLOON_END_PROOFS,
  ...BALLOON_STATISTICS_PROOFS,
  ...BALLOON_PROOFS,
  ...DISCOVERY_PROOFS,
  ...BRING_UP_PROOFS,
  ...INIT_PROOFS,
  ...MODERN_INIT_PROOFS,
  ...FEATURES_PROOFS,
  ...MODERN_FEATURES_PROOFS,
  ...OUTCOME_PROOFS,
  ...STRANGER_PROOFS,
  ...SUSPENSION_PROOFS,
  ...ADMIN_PROOFS,
  ...CHANGING_PROOFS,
  ...CLAIM_PROOFS,
  ...BIG_ENDIAN_PROOFS,
  ...TUNNEL_PROOFS,
  ...COMMANDS_PROOFS,
  ...CONTROL_PROOFS,
  ...DELIVERY_PROOFS,
  ...NET_FEATURE_PROOFS,
  ...CHAIN_PROOFS,
  ...NET_PROOFS,
  ...TRANSMIT_PROOFS,
  ...ANNOUNCE_PROOFS,
  ...LENGTH_PROOFS,
  ...RING_PROOFS,
  ...SMALLER_LAYOUT_PROOFS,
  ...STOCK_PROOFS,
  ...RNG_PROOFS,
  ...HOT_EVENT_PROOFS,
  ...SCSI_PROOFS,
  ...PACKED_STORES_PROOFS,
  ...STORES_PROOFS,
  ...ISR_PROOFS,
  ...LAYOUT_PROOFS,
  ...KICK_PROOFS,
  ...QUEUE_SETUP_PROOFS,
  ...INTERFACE_PROOFS,
};
