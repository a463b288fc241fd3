import { MisuseError } from './misuse.ts';
import { Staging, StagingArea } from './staging.ts';
import { Store, WasmStore } from './store.ts';
import { type HasBuffer, holderOf, type Kernels, kernelsIn, lendKernels } from './wasm/kernels.ts';

/** The maximum length of a typed array, in elements, on the oldest Node we run on. */
const BYTES_MAX = 0xffff_ffff;

/** The buffers that hold guest RAM, and the staging that one of them has behind RAM. */
export class Stores {
  private readonly holder: HasBuffer | null;
  private own: Uint8Array | null;
  /** The `WebAssembly.Memory` that RAM lies in, and its kernels. */
  readonly within: HasBuffer | null;
  private readonly kernels: Kernels | null;
  private readonly known = new WeakMap<ArrayBufferLike, Store>();
  private area: StagingArea | null = null;

  /**
   * @param holder holds a buffer that is replaced when it grows: the staging then moves along.
   * @param own the part of its buffer that is ours: no store reaches past it.
   */
  constructor(holder: HasBuffer | null, own: Uint8Array | null) {
    this.holder = holder;
    this.own = own;
    this.within = holder ?? (own && holderOf(own.buffer));
    this.kernels = this.within && kernelsIn(this.within);
  }

  /** The store that these bytes of RAM are part of: our whole part of their buffer, unless it is too long for one view. */
  of(bytes: Uint8Array): Store {
    const { buffer, byteOffset, length } = bytes;
    this.follow();
    if (this.area?.meets(buffer, byteOffset, length))
      throw new MisuseError('memory.bytes', length, "clear of the devices' staging");
    return buffer.byteLength > BYTES_MAX ? new Store(bytes) : this.whole(buffer);
  }

  /** Gives devices `length` bytes from `at` on. */
  reserve(buffer: ArrayBufferLike, at: number, length: number): void {
    if (buffer.byteLength > BYTES_MAX) return;
    const store = this.whole(buffer);
    this.area = new StagingArea(store, at - store.bytes.byteOffset, length);
  }

  /** Gives up our own bytes for reuse; null if they are not ours, or no longer. The devices' staging in them is zeroed. */
  takeOwn(): Uint8Array | null {
    const { own } = this;
    this.own = null;
    this.area?.clear();
    this.area = null;
    return own;
  }

  staging(length: number): Staging {
    return this.area?.give(length) ?? new Staging(length);
  }

  /** Moves the staging to its holder's new buffer; if the old one is detached, each piece gets a buffer of its own. */
  follow(): void {
    if (this.area === null) return;
    const { buffer, length } = this.area.store.bytes;
    const now = this.holder?.buffer ?? buffer;
    if (now !== buffer) this.area.move(this.whole(now));
    else if (length === 0) this.area = this.area.dissolve();
  }

  private whole(buffer: ArrayBufferLike): Store {
    const known = this.known.get(buffer);
    if (known !== undefined) return known;
    const { kernels, own } = this;
    const bytes = own?.buffer === buffer ? own : new Uint8Array(buffer);
    const inWasm = kernels !== null && buffer === this.within!.buffer;
    if (inWasm) lendKernels(buffer, kernels);
    const store = inWasm ? new WasmStore(bytes, kernels) : new Store(bytes);
    this.known.set(buffer, store);
    return store;
  }
}
