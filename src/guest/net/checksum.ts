/** The ones' complement sum of RFC 1071 over `bytes`, big-endian, on top of `sum`; folded to 16 bits. */
export function onesSum(bytes: Uint8Array, sum = 0): number {
  for (let i = 0; i + 1 < bytes.length; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!;
  if (bytes.length % 2 === 1) sum += bytes[bytes.length - 1]! << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return sum;
}

/** The value for a checksum field that was 0 while summing. */
export function checksum(bytes: Uint8Array, sum = 0): number {
  return onesSum(bytes, sum) ^ 0xffff;
}
