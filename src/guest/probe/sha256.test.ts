import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sha256 } from './sha256.ts';

test('SHA-256 is what OpenSSL computes, however the bytes are cut into pieces', () => {
  // Lengths around one and two blocks of 64 bytes, where the padding takes a block of its own.
  const pieces = fc.array(fc.uint8Array({ maxLength: 140 }), { maxLength: 5 });
  fc.assert(
    fc.property(pieces, (cut) => {
      const hash = new Sha256();
      for (const piece of cut) hash.update(piece);
      expect(hash.digest()).toBe(createHash('sha256').update(Buffer.concat(cut)).digest('hex'));
    }),
  );
});
