import { IO_APIC_PROOFS, LOCAL_APIC_PROOFS } from './chipset/apic.proof.ts';
import { INTERRUPT_PROOFS, PIC_PROOFS, ROUTER_PROOFS } from './chipset/pic.proof.ts';
import { PIT_PROOFS, RTC_PROOFS } from './chipset/timers.proof.ts';
import { GCE_PROOFS } from './gce/gce.proof.ts';
import { LINE_PROOFS, WAITING_PROOFS } from './live/live.proof.ts';
import { RAM_PROOFS } from './memory/ram.proof.ts';
import { CONFIG_PROOFS } from './pci/config.proof.ts';
import { ENUMERATION_PROOFS } from './pci/enumeration.proof.ts';
import { FUNCTION_PROOFS, MESSAGE_PROOFS, PLACE_PROOFS } from './pci/function.proof.ts';
import type { Proof } from './script.proof.ts';
import { INITIATOR_PROOFS } from './scsi/initiator.proof.ts';
import { UART_PROOFS } from './serial/uart.proof.ts';
import { UART_USE_PROOFS } from './serial/use.proof.ts';
import { BALLOON_PROOFS } from './virtio/balloon/balloon.proof.ts';
import { BRING_UP_PROOFS, DISCOVERY_PROOFS } from './virtio/discovery/discovery.proof.ts';
import {
  FEATURES_PROOFS,
  INIT_PROOFS,
  MODERN_FEATURES_PROOFS,
  MODERN_INIT_PROOFS,
} from './virtio/init/init.proof.ts';
import { OUTCOME_PROOFS } from './virtio/init/outcome.proof.ts';
import { STRANGER_PROOFS } from './virtio/init/strangers.proof.ts';
import { SUSPENSION_PROOFS } from './virtio/init/suspend.proof.ts';
import { NET_FEATURE_PROOFS } from './virtio/net/features.proof.ts';
import { NET_PROOFS } from './virtio/net/net.proof.ts';
import { ANNOUNCE_PROOFS } from './virtio/queue/announce.proof.ts';
import { LENGTH_PROOFS } from './virtio/queue/lengths.proof.ts';
import { RING_PROOFS } from './virtio/queue/rings.proof.ts';
import { SMALLER_LAYOUT_PROOFS } from './virtio/queue/smaller-layout.proof.ts';
import { STOCK_PROOFS } from './virtio/queue/stock.proof.ts';
import { RNG_PROOFS } from './virtio/rng/rng.proof.ts';
import { HOT_EVENT_PROOFS } from './virtio/scsi/hot-events.proof.ts';
import { SCSI_PROOFS } from './virtio/scsi/scsi.proof.ts';
import { STORES_PROOFS } from './virtio/stores/stores.proof.ts';
import {
  INTERFACE_PROOFS,
  KICK_PROOFS,
  LAYOUT_PROOFS,
  QUEUE_SETUP_PROOFS,
} from './virtio/transport/transport.proof.ts';

/** Every script there is, by its clause. */
export const PROOFS: Readonly<Record<string, Proof>> = {
  ...UART_PROOFS,
  ...UART_USE_PROOFS,
  ...LINE_PROOFS,
  ...WAITING_PROOFS,
  ...RAM_PROOFS,
  ...INIT_PROOFS,
  ...MODERN_INIT_PROOFS,
  ...SUSPENSION_PROOFS,
  ...FEATURES_PROOFS,
  ...MODERN_FEATURES_PROOFS,
  ...STRANGER_PROOFS,
  ...OUTCOME_PROOFS,
  ...LAYOUT_PROOFS,
  ...QUEUE_SETUP_PROOFS,
  ...KICK_PROOFS,
  ...INTERFACE_PROOFS,
  ...RING_PROOFS,
  ...SMALLER_LAYOUT_PROOFS,
  ...ANNOUNCE_PROOFS,
  ...STOCK_PROOFS,
  ...LENGTH_PROOFS,
  ...STORES_PROOFS,
  ...NET_FEATURE_PROOFS,
  ...NET_PROOFS,
  ...GCE_PROOFS,
  ...PIC_PROOFS,
  ...INTERRUPT_PROOFS,
  ...ROUTER_PROOFS,
  ...IO_APIC_PROOFS,
  ...LOCAL_APIC_PROOFS,
  ...RTC_PROOFS,
  ...PIT_PROOFS,
  ...CONFIG_PROOFS,
  ...ENUMERATION_PROOFS,
  ...FUNCTION_PROOFS,
  ...PLACE_PROOFS,
  ...MESSAGE_PROOFS,
  ...DISCOVERY_PROOFS,
  ...BRING_UP_PROOFS,
  ...SCSI_PROOFS,
  ...INITIATOR_PROOFS,
  ...HOT_EVENT_PROOFS,
  ...BALLOON_PROOFS,
  ...RNG_PROOFS,
};
