import { ScsiHost } from '../../guest/index.ts';
import { modeSense6, type ScsiCommand } from '../../guest/scsi/commands.ts';
import { OPTIONAL_CDB } from '../../scsi/optional/registers.ts';
import { RESERVE_LIST } from '../../scsi/reservations/registers.ts';
import type { DriverModel } from '../model/model.ts';
import { referenceDrivers } from '../reference.ts';

const TARGET = 1;
const CACHING = 0x08;
const PARAMETERS_SAVEABLE = 0x80;
const KEY = 0x6775_6573_7472_6967n;
const EXCLUSIVE_ACCESS = 3;
const BLOCK = 512;

/** MODE SELECT(6) of what MODE SENSE(6) returned. */
export function modeSelect(sensed: Uint8Array): ScsiCommand {
  const list = sensed.slice();
  list[0] = list[2] = 0;
  list[4 + list[3]!]! &= ~PARAMETERS_SAVEABLE;
  const { name, usage } = OPTIONAL_CDB.MODE_SELECT_6;
  return { name, cdb: Uint8Array.of(usage[0]!, 0x10, 0, 0, list.length, 0), dataOut: list };
}

/** PERSISTENT RESERVE OUT. */
export function reserveOut(action: number, key: bigint, newKey: bigint, type = 0): ScsiCommand {
  const cdb = Uint8Array.of(0x5f, action, type, 0, 0, 0, 0, 0, RESERVE_LIST.size, 0);
  return { name: 'PERSISTENT RESERVE OUT', cdb, dataOut: RESERVE_LIST.encode({ key, action_key: newKey }) };
}

/** WRITE SAME(16) of one block to eight. */
export function writeSame(data: Uint8Array): ScsiCommand {
  const cdb = new Uint8Array(16);
  cdb[0] = OPTIONAL_CDB.WRITE_SAME_16.usage[0]!;
  cdb[13] = 8;
  return { name: 'WRITE SAME(16)', cdb, dataOut: data };
}

/** Changes modes, reserves and writes the same to blocks, of a disk that takes such commands. */
export const sendsLists: DriverModel = {
  name: 'reference that sends lists to a disk',
  drivers: referenceDrivers('polled'),
  run: (_port, handles) => {
    for (const host of handles) {
      if (!(host instanceof ScsiHost)) continue;
      host.scan();
      const { data } = host.execute(TARGET, 0, modeSense6(CACHING, 0xff));
      host.execute(TARGET, 0, modeSelect(data));
      host.execute(TARGET, 0, reserveOut(0, 0n, KEY));
      host.execute(TARGET, 0, reserveOut(1, KEY, 0n, EXCLUSIVE_ACCESS));
      host.execute(TARGET, 0, writeSame(new Uint8Array(BLOCK)));
      host.execute(TARGET, 0, reserveOut(2, KEY, 0n, EXCLUSIVE_ACCESS));
    }
  },
};
