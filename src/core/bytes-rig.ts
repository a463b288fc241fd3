/** The bytes of hexadecimal text; white space in it is ignored. */
export const hex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));

/** Bytes that tell one place from another, and one seed from another. */
export const pattern = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => i * seed + (i >> 8));
