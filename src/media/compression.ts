/** A way to compress that Linux knows, by the bytes it begins with; those without a reader are only named. */
export const FORMATS = [
  { name: 'gzip', magic: [0x1f, 0x8b] },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'lz4', magic: [0x02, 0x21, 0x4c, 0x18] },
  // The kernel reads lz4 with -l only.
  { name: 'lz4 frame', magic: [0x04, 0x22, 0x4d, 0x18] },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68] },
  { name: 'lzma', magic: [0x5d, 0x00, 0x00] },
  { name: 'lzo', magic: [0x89, 0x4c, 0x5a, 0x4f] },
] as const;

export type Format = (typeof FORMATS)[number]['name'];

/** How `bytes` are compressed, or null where they begin like nothing known. */
export function formatOf(bytes: Uint8Array): Format | null {
  return FORMATS.find(({ magic }) => magic.every((byte, i) => bytes[i] === byte))?.name ?? null;
}
