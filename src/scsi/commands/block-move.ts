import { CDB } from '../cdb/registers.ts';
import { BLOCKS_10, BLOCKS_16 } from '../registers.ts';

const {
  flags: FLAGS_10,
  lba: LBA_10,
  group: GROUP_10,
  blocks: BLOCKS_AT_10,
  control: CONTROL_10,
} = BLOCKS_10.offset;
const {
  flags: FLAGS_16,
  lba: LBA_16,
  group: GROUP_16,
  blocks: BLOCKS_AT_16,
  control: CONTROL_16,
} = BLOCKS_16.offset;
const READ_10 = CDB.READ_10.usage[0]!;
const WRITE_10 = CDB.WRITE_10.usage[0]!;
const READ_16 = CDB.READ_16.usage[0]!;
const WRITE_16 = CDB.WRITE_16.usage[0]!;

/** The READ or WRITE that most commands are, taken from where the initiator put it. */
export class BlockMove {
  opcode = 0;
  write = false;
  lba = 0;
  blocks = 0;

  /** False for any other command, and for one with a bit that units of ours do not look at: those have a table. */
  decode(view: DataView, at: number): boolean {
    const opcode = view.getUint8(at);
    this.opcode = opcode;
    this.write = opcode === WRITE_10 || opcode === WRITE_16;
    if (opcode === READ_10 || opcode === WRITE_10) return this.decode10(view, at);
    return (opcode === READ_16 || opcode === WRITE_16) && this.decode16(view, at);
  }

  private decode10(view: DataView, at: number): boolean {
    this.lba = view.getUint32(at + LBA_10);
    this.blocks = view.getUint16(at + BLOCKS_AT_10);
    return (
      (view.getUint8(at + FLAGS_10) | view.getUint8(at + GROUP_10) | view.getUint8(at + CONTROL_10)) === 0
    );
  }

  private decode16(view: DataView, at: number): boolean {
    this.lba = view.getUint32(at + LBA_16) * 0x1_0000_0000 + view.getUint32(at + LBA_16 + 4);
    this.blocks = view.getUint32(at + BLOCKS_AT_16);
    return (
      (view.getUint8(at + FLAGS_16) | view.getUint8(at + GROUP_16) | view.getUint8(at + CONTROL_16)) === 0
    );
  }
}
