import { pci } from './pci.ts';
import { pmTimer } from './pm-timer.ts';
import type { Area } from './question.ts';
import { scsi } from './scsi.ts';
import { uart } from './uart.ts';
import { virtioLegacy } from './virtio-legacy.ts';
import { virtioModern } from './virtio-modern.ts';

export const AREAS: readonly Area[] = [pci, uart, pmTimer, virtioLegacy, virtioModern, scsi];
