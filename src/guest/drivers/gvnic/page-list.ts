import type { Gpa } from '../../../core/bits.ts';
import { OPCODE, PAGE, register_page_list, unregister_page_list } from '../../../gvnic/registers/admin.ts';
import type { AdminDriver } from './admin.ts';
import type { LentMemory } from './memory.ts';

/** Pages that the device was given, as one row of bytes. */
export class RegisteredPages {
  readonly id: number;
  readonly size: number;
  readonly pages: readonly Gpa[];
  private readonly lent: LentMemory;
  private readonly admin: AdminDriver;

  constructor(lent: LentMemory, admin: AdminDriver, id: number, count: number) {
    const { port } = lent;
    this.lent = lent;
    this.admin = admin;
    this.id = id;
    this.size = count * PAGE;
    this.pages = Array.from({ length: count }, () => lent.allocate(PAGE, PAGE));
    const list = port.allocate(8 * count, PAGE);
    const addresses = new DataView(new ArrayBuffer(8 * count));
    for (const [i, page] of this.pages.entries()) addresses.setBigUint64(8 * i, BigInt(page));
    port.memory.write(list, new Uint8Array(addresses.buffer));
    admin.must(OPCODE.REGISTER_PAGE_LIST, register_page_list, {
      page_list_id: id,
      num_pages: count,
      page_address_list_addr: BigInt(list),
      page_size: BigInt(PAGE),
    });
    port.release(list);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.each(offset, bytes, (at, piece) => this.lent.port.memory.write(at, piece));
  }

  read(offset: number, into: Uint8Array): void {
    this.each(offset, into, (at, piece) => this.lent.port.memory.read(at, piece));
  }

  /** Takes the pages back: no queue uses them any more. */
  unregister(): void {
    this.admin.must(OPCODE.UNREGISTER_PAGE_LIST, unregister_page_list, { page_list_id: this.id });
  }

  /** Page by page. */
  private each(offset: number, bytes: Uint8Array, act: (at: Gpa, piece: Uint8Array) => void): void {
    for (let done = 0; done < bytes.length; ) {
      const within = (offset + done) % PAGE;
      const piece = bytes.subarray(done, done + PAGE - within);
      act(this.pages[Math.floor((offset + done) / PAGE)]! + within, piece);
      done += piece.length;
    }
  }
}
