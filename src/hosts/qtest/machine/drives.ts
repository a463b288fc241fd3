import { MisuseError } from '../../../core/misuse.ts';
import { FileMedium } from '../../../media/file.ts';
import type { Medium } from '../../../media/medium.ts';
import { OverlayMedium } from '../../../media/overlay.ts';
import { countOf, isOn, type Properties } from '../command-line/properties.ts';
import { NullMedium } from './null-medium.ts';

/** null-co's default. */
const NULL_BYTES = 2 ** 30;
const NULL = /^(?:blkdebug:[^:]*:)?null-(?:co|aio):\/\/$/;
const NULL_DRIVERS = ['null-co', 'null-aio'];
/** Filters, which stand for the node below them. */
const THROUGH = ['raw', 'blkdebug', 'throttle', 'copy-on-read'];

/** The drives of `-drive`, `-blockdev` and QMP; each is opened by its disk. */
export class Drives {
  private readonly declared: Map<string, Properties>;

  constructor(declared: ReadonlyMap<string, Properties>) {
    this.declared = new Map(declared);
  }

  get count(): number {
    return this.declared.size;
  }

  add(name: string, drive: Properties): void {
    if (this.declared.has(name)) throw new MisuseError('blockdev', name, 'a node-name that is free');
    this.declared.set(name, drive);
  }

  remove(name: string): void {
    if (!this.declared.delete(name)) throw new MisuseError('blockdev', name, 'the node-name of a -blockdev');
  }

  /** @throws MisuseError for a drive that is not declared, is not a raw image, or cannot be opened. */
  open(name: string | undefined, readOnly: boolean): Medium {
    const drive = name === undefined ? undefined : this.declared.get(name);
    if (drive === undefined) throw new MisuseError('drive', name, 'the id of a -drive or -blockdev');
    const { driver, format = 'raw', size } = drive;
    const file = drive['file.filename'] ?? drive['filename'] ?? drive['file'];
    const below = drive['file.driver'] ?? driver;
    const only = readOnly || isOn(drive['readonly'] ?? drive['read-only'] ?? drive['file.read-only']);
    if (NULL_DRIVERS.includes(below ?? '') || (file !== undefined && NULL.test(file))) {
      const bytes = size ?? drive['file.size'];
      return new NullMedium(bytes === undefined ? NULL_BYTES : countOf('drive.size', bytes), only);
    }
    if (driver !== undefined && THROUGH.includes(driver) && file !== undefined && this.declared.has(file))
      return this.open(file, only);
    if (format !== 'raw' || !['file', 'raw', undefined].includes(below) || file === undefined)
      throw new MisuseError('drive', name, 'a null-co or raw file node');
    if (isOn(drive['snapshot'])) return new OverlayMedium(FileMedium.open(file, { readOnly: true }));
    return FileMedium.open(file, { readOnly: only });
  }
}
