import type { Described, Region } from '../core/access.ts';
import type { Width } from '../core/bits.ts';
import { registerBlock } from '../core/register-block.ts';
import { FW_CFG_FILE, ITEM_DATA, KEY, SELECTOR } from './registers/fw-cfg.ts';

const PORTS = registerBlock([SELECTOR, ITEM_DATA]);
const SIGNATURE = 'QEMU';
/** Feature bit of the traditional interface, without DMA. */
const ID_TRADITIONAL = 1;

/** What a machine provides to its firmware. */
interface FwCfgContents {
  /** All RAM, in bytes. */
  readonly ram: number;
  readonly vcpus: number;
  /** Maximum number of CPUs. Default `vcpus`. */
  readonly maxCpus?: number;
  /** By name, at most 55 ASCII characters, in the order of their keys. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/**
 * QEMU's firmware configuration device at ports 510 and 511, without DMA: items by key, files by name. Compute Engine
 * is not known to have it; firmware made for QEMU and qtest's clients ask it for the size of RAM.
 * Source: QEMU, specification of the firmware configuration device.
 *
 * @example
 * ports.map(0x510, new FwCfg('fw_cfg', { ram: 128 << 20, vcpus: 1, files: {} }), 'bridge');
 * ports.write(0x510, 0x0003, 2);
 * ports.read(0x511, 1);                    // the lowest byte of the size of RAM
 */
export class FwCfg implements Region {
  readonly name: string;
  readonly size = 2;
  readonly widths = 3;
  private readonly items = new Map<number, Uint8Array>();
  private item: Uint8Array | null = null;
  private at = 0;

  constructor(name: string, { ram, vcpus, maxCpus = vcpus, files }: FwCfgContents) {
    this.name = name;
    this.items.set(KEY.SIGNATURE, new TextEncoder().encode(SIGNATURE));
    this.items.set(KEY.ID, little(ID_TRADITIONAL, 4));
    this.items.set(KEY.RAM_SIZE, little(ram, 8));
    this.items.set(KEY.NB_CPUS, little(vcpus, 2));
    this.items.set(KEY.MAX_CPUS, little(maxCpus, 2));
    this.items.set(KEY.FILE_DIR, directory(files));
    for (const [i, bytes] of Object.values(files).entries()) this.items.set(KEY.FILE_FIRST + i, bytes);
    this.reset();
  }

  /** The selector cannot be read. */
  read(offset: number): number {
    return offset === ITEM_DATA.offset ? (this.item?.[this.at++] ?? 0) : 0;
  }

  write(offset: number, value: number, width: Width): void {
    if (offset !== SELECTOR.offset || width !== SELECTOR.width) return;
    this.item = this.items.get(value) ?? null;
    this.at = 0;
  }

  reset(): void {
    this.item = this.items.get(KEY.SIGNATURE)!;
    this.at = 0;
  }

  describe(access: Described): string {
    return PORTS.describe(access, this.name);
  }
}

function directory(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const entries = Object.entries(files);
  const bytes = new Uint8Array(4 + entries.length * FW_CFG_FILE.size);
  new DataView(bytes.buffer).setUint32(0, entries.length);
  for (const [i, [name, { length: size }]] of entries.entries()) {
    const at = 4 + i * FW_CFG_FILE.size;
    FW_CFG_FILE.encode({ size, select: KEY.FILE_FIRST + i }, bytes, at);
    bytes.set(new TextEncoder().encode(name), at + FW_CFG_FILE.offset.name);
  }
  return bytes;
}

function little(value: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Math.floor(value / 256 ** i) % 256);
}
