import { register } from '../../core/register.ts';
import { struct } from '../../core/struct.ts';

/** Port 510: selects the item of the data port, from its start. */
export const SELECTOR = register('SELECTOR', 0, 2, { KEY: { at: [15, 0], access: 'wo' } });
/** Port 511: the next byte of the item; 0 beyond its end. */
export const ITEM_DATA = register('ITEM_DATA', 1, 1, { DATA: { at: [7, 0], access: 'ro' } });

/** Items with keys of their own. */
export const KEY = {
  SIGNATURE: 0x0000,
  ID: 0x0001,
  RAM_SIZE: 0x0003,
  NB_CPUS: 0x0005,
  MAX_CPUS: 0x000f,
  FILE_DIR: 0x0019,
  FILE_FIRST: 0x0020,
} as const;

/** An entry of the file directory, which begins with a big-endian count. */
export const FW_CFG_FILE = struct('FWCfgFile', 'be', {
  size: 'u32',
  select: 'u16',
  reserved: 'u16',
  name: { bytes: 56 },
});
/** An entry of the file etc/e820. */
export const E820_ENTRY = struct('e820 entry', 'le', { address: 'u64', length: 'u64', type: 'u32' });
