import type { GuestMemory } from '../../core/memory.ts';
import { get64 } from '../area.ts';
import { PageList, type RawBuffers } from '../buffers.ts';
import { COMMAND_STATUS, PAGE, register_page_list } from '../registers/admin.ts';

const { PASSED, ALREADY_EXISTS, FAILED_PRECONDITION, INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED } =
  COMMAND_STATUS;
const ADDRESS_BYTES = 8;

/** The lists of pages that a driver registered, by the numbers that it chose. */
export class PageLists {
  private readonly lists = new Map<number, PageList>();
  private readonly memory: GuestMemory;
  private readonly raw: RawBuffers;
  /** Of all lists together. */
  private readonly most: number;
  private pages = 0;

  constructor(memory: GuestMemory, raw: RawBuffers, most: number) {
    this.memory = memory;
    this.raw = raw;
    this.most = most;
  }

  of(id: number): PageList | undefined {
    return this.lists.get(id);
  }

  /** The driver's array is copied: it may be gone afterwards. Its page_size is not looked at, as some write none. */
  register(payload: Uint8Array): number {
    const { page_list_id: id, num_pages, page_address_list_addr } = register_page_list.decode(payload);
    if (this.lists.has(id)) return ALREADY_EXISTS;
    if (num_pages === 0) return INVALID_ARGUMENT;
    if (this.pages + num_pages > this.most) return RESOURCE_EXHAUSTED;
    const from = Number(page_address_list_addr);
    const range = this.memory.find(from, num_pages * ADDRESS_BYTES);
    if (range === null) return INVALID_ARGUMENT;
    const pages = Float64Array.from({ length: num_pages }, (_, i) =>
      get64(range.view, from - range.base + i * ADDRESS_BYTES, false),
    );
    if (pages.some((page) => page % PAGE !== 0 || !this.raw.has(page, PAGE))) return INVALID_ARGUMENT;
    this.lists.set(id, new PageList(pages, this.raw));
    this.pages += num_pages;
    return PASSED;
  }

  unregister(id: number): number {
    const list = this.lists.get(id);
    if (list === undefined) return NOT_FOUND;
    if (list.users > 0) return FAILED_PRECONDITION;
    this.lists.delete(id);
    this.pages -= list.pages.length;
    return PASSED;
  }

  reset(): void {
    this.lists.clear();
    this.pages = 0;
  }
}
