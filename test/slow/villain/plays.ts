import { BALLOON_PLAYS } from './balloon.ts';
import { COMMANDS_PLAYS } from './commands.ts';
import { NET_PLAYS } from './net.ts';
import { PACKED_PLAYS } from './packed.ts';
import { PCI_PLAYS } from './pci.ts';
import { onRing, type Play, type RingPlay } from './play.ts';
import { RNG_PLAYS } from './rng.ts';
import { SCSI_PLAYS } from './scsi.ts';
import { SETUPS_PLAYS } from './setups.ts';
import { SPLIT_PLAYS } from './split.ts';
import { STATE_PLAYS } from './state.ts';

/** How tests of virtio-villain are played, by their numbers. */
export const PLAYS: Readonly<Record<string, Play>> = {
  ...onRings(SPLIT_PLAYS),
  ...onRings(PACKED_PLAYS),
  ...SETUPS_PLAYS,
  ...PCI_PLAYS,
  ...STATE_PLAYS,
  ...NET_PLAYS,
  ...COMMANDS_PLAYS,
  ...SCSI_PLAYS,
  ...RNG_PLAYS,
  ...BALLOON_PLAYS,
};

function onRings(plays: Readonly<Record<string, RingPlay>>): Record<string, Play> {
  return Object.fromEntries(Object.entries(plays).map(([number, play]) => [number, onRing(play)]));
}
