import type { GuestMemory } from '../core/memory.ts';
import { Segments } from '../core/segments.ts';
import type { NvmeEvents, PrpRole } from './events.ts';
import { PAGE } from './registers/bar0.ts';
import { STATUS } from './registers/commands.ts';

const ENTRY = 8;
const HIGH = 0x1_0000_0000;
/** Lists that one command may lead through without end: more than the longest transfer needs. */
const LISTS_MOST = 64;

/** The memory of a command, by its physical region pages (NVM Express 1.4, 4.3); reused. */
export class PrpWalk {
  /** What was found, in order; pages that touch are one. */
  readonly data = new Segments();
  events: NvmeEvents | null = null;
  readonly memory: GuestMemory;
  /** Of the list: where its next entry is, and how many entries are left in its page. */
  private list = 0;
  private entries = 0;
  private lists = 0;
  private end = 0;

  constructor(memory: GuestMemory) {
    this.memory = memory;
    this.data.memory = memory;
  }

  /** Finds `length` bytes, 1 or more. @returns a status. */
  walk(prp1: number, prp2: number, length: number): number {
    this.data.clear();
    this.end = -1;
    const within = prp1 % PAGE;
    const first = Math.min(PAGE - within, length);
    if (within % 4 !== 0) return this.told('first', prp1, first, STATUS.PRP_OFFSET_INVALID);
    const status = this.add('first', prp1, first);
    const left = length - first;
    if (status !== STATUS.SUCCESS || left === 0) return status;
    if (left <= PAGE) return this.page('second', prp2, left);
    return this.walkList(prp2, left);
  }

  private walkList(pointer: number, left: number): number {
    this.lists = 0;
    let status = this.follow('list', pointer);
    while (left > 0 && status === STATUS.SUCCESS) {
      const entry = this.next();
      if (entry < 0) return STATUS.DATA_TRANSFER_ERROR;
      if (this.entries === 0 && left > PAGE) status = this.follow('chain', entry);
      else {
        const length = Math.min(PAGE, left);
        status = this.page('entry', entry, length);
        left -= length;
      }
    }
    return status;
  }

  private follow(role: PrpRole, pointer: number): number {
    if (pointer % ENTRY !== 0 || ++this.lists > LISTS_MOST)
      return this.told(role, pointer, ENTRY, STATUS.PRP_OFFSET_INVALID);
    this.list = pointer;
    this.entries = (PAGE - (pointer % PAGE)) / ENTRY;
    return this.told(role, pointer, ENTRY, STATUS.SUCCESS);
  }

  /** The next entry; -1 if it is no RAM. */
  private next(): number {
    const range = this.memory.find(this.list, ENTRY);
    if (range === null) return -1;
    const at = (this.list - range.base) / 4;
    this.list += ENTRY;
    this.entries--;
    return (range.words[at + 1]! >>> 0) * HIGH + (range.words[at]! >>> 0);
  }

  private page(role: PrpRole, address: number, length: number): number {
    if (address % PAGE !== 0) return this.told(role, address, length, STATUS.PRP_OFFSET_INVALID);
    return this.add(role, address, length);
  }

  private add(role: PrpRole, address: number, length: number): number {
    const range = this.memory.find(address, length);
    if (range === null) return this.told(role, address, length, STATUS.DATA_TRANSFER_ERROR);
    const { data } = this;
    const last = data.count - 1;
    const at = address - range.base;
    if (address === this.end && data.bytes[last] === range.bytes) {
      data.length[last]! += length;
      data.total += length;
    } else data.add(range.bytes, at, length);
    this.end = address + length;
    return this.told(role, address, length, STATUS.SUCCESS);
  }

  private told(role: PrpRole, address: number, length: number, status: number): number {
    this.events?.prp(role, address, length);
    return status;
  }
}
