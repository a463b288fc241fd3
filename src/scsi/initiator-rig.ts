import type { Command } from './command.ts';
import { decodeSense } from './sense.ts';

/** The result of one command. */
export interface Answer {
  readonly status: number;
  /** Key, code and qualifier, as `5/24/00`; empty if there is no sense data. */
  readonly sense: string;
  /** Data moved to the initiator. */
  readonly data: Uint8Array;
}

/**
 * For tests: sends a command without a transport.
 *
 * @param room bytes for the answer; `out` is the data sent.
 * @example ask((command) => disk.execute(command), new Command(), [0x12, 0, 0, 0, 96, 0], 96).data
 */
export function ask(
  execute: (command: Command) => void,
  command: Command,
  cdb: readonly number[],
  room = 0,
  out: Uint8Array = new Uint8Array(),
): Answer {
  const answer = new Uint8Array(room);
  command.cdb.fill(0);
  command.cdb.set(cdb);
  command.dataIn.clear();
  command.dataOut.clear();
  if (room > 0) command.dataIn.add(answer, 0, room);
  if (out.length > 0) command.dataOut.add(out, 0, out.length);
  execute(command);
  return {
    status: command.status,
    sense: senseTriple(command),
    data: answer.subarray(0, room > 0 ? command.transferred : 0),
  };
}

function senseTriple(command: Command): string {
  if (command.senseLength === 0) return '';
  const found = decodeSense(command.sense.subarray(0, command.senseLength))!;
  return [found.key, found.asc, found.ascq]
    .map((value, i) => value.toString(16).padStart(i === 0 ? 1 : 2, '0'))
    .join('/');
}
