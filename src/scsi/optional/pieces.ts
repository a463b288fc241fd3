import { BLOCK, type Medium } from '../../media/medium.ts';
import type { Command } from '../command.ts';
import { SENSE } from '../sense.ts';

/** Bytes of a medium at once. */
export const PIECE = 1 << 16;
/** What a command read from the medium, and what came from the initiator. It is done with both when it returns. */
export const ours = new Uint8Array(PIECE);
export const theirs = new Uint8Array(PIECE);

/** Reads into `ours`; false, with sense data that name the block, if that fails. */
export function readPiece(command: Command, medium: Medium, offset: number, length: number): boolean {
  if (medium.read(offset, ours, 0, length)) return true;
  let at = 0;
  while (at < length && medium.read(offset + at, ours, at, BLOCK)) at += BLOCK;
  if (at < length) command.checkBlock(SENSE.READ_ERROR, (offset + at) / BLOCK);
  return at === length;
}

/** Writes the beginning of `from`; false, with sense data that name the block, if that fails. */
export function writePiece(
  command: Command,
  medium: Medium,
  from: Uint8Array,
  offset: number,
  length: number,
): boolean {
  if (medium.write(offset, from, 0, length)) return true;
  let at = 0;
  while (at < length && medium.write(offset + at, from, at, BLOCK)) at += BLOCK;
  if (at < length) command.checkWritten(medium, (offset + at) / BLOCK);
  return at === length;
}
