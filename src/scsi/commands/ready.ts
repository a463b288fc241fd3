import type { Command } from '../command.ts';
import { REQUEST_SENSE, REQUEST_SENSE_FLAGS } from '../registers.ts';
import { encodeDescriptor, encodeFixed, SENSE, type Sense } from '../sense.ts';
import type { Unit } from '../unit.ts';

const { flags: FLAGS_AT, allocation: ALLOCATION_AT } = REQUEST_SENSE.offset;
const { DESC } = REQUEST_SENSE_FLAGS.mask;
const data = new Uint8Array(18);

/** A persistent disk is always ready; a pending unit attention was reported before this. */
export function testUnitReady(_command: Command): void {}

export function requestSense(command: Command, unit: Unit): void {
  answerSense(command, unit.takeAttention() ?? SENSE.NO_SENSE);
}

/** Sense data as parameter data, in the format that the CDB asks for. */
export function answerSense(command: Command, sense: Sense): void {
  const descriptor = (command.cdb[FLAGS_AT]! & DESC) !== 0;
  const length = descriptor ? encodeDescriptor(sense, data) : encodeFixed(sense, data);
  command.answer(data.subarray(0, length), command.cdb[ALLOCATION_AT]!);
}
