import type { Deed } from './deed.ts';
import * as net from './net-deeds.ts';
import * as page from './page-deeds.ts';
import * as scsi from './scsi-deeds.ts';

const DEEDS: Readonly<Record<string, () => Deed>> = {
  'scsi tables': () => scsi.scsiTables(),
  'scsi one head': scsi.scsiOneHead,
  'scsi pieces': scsi.scsiPieces,
  'scsi flushes': scsi.scsiFlushes,
  'scsi unmap': scsi.scsiUnmap,
  'scsi queries': () => scsi.taskManagement(6, false),
  'scsi aborts': () => scsi.taskManagement(0, true),
  'scsi tags': scsi.scsiTags,
  'net frames': () => net.netSegments(256, 1448),
  'net segments': () => net.netSegments(4096, 8),
  'net pieces': () => net.netPieces(1, 8),
  'net receives': net.netReceives,
  'net control': () => net.netPieces(2, 8),
  'big-endian': scsi.bigEndian,
  spoil: scsi.spoil,
  'in order': () => scsi.scsiTables(scsi.IN_ORDER),
  'in order late': scsi.inOrderLate,
  balloon: () => page.balloonOf(3072, 1),
  'balloon again': () => page.balloonOf(256, 256),
  rng: () => page.rngOf(64),
  'rng pages': () => page.rngOf(4096),
};

export function deedOf(name: string): Deed {
  return DEEDS[name]!();
}
