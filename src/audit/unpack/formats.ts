/** Disks are told apart by the same bytes. */
export { FORMATS, type Format, formatOf } from '../../media/compression.ts';
