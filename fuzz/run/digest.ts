const TWO_32 = 0x1_0000_0000;

/** A 64-bit hash of every number and byte put in, and of their order. Not for secrets. */
export class Digest {
  private a = 0x811c_9dc5 | 0;
  private b = 0x9e37_79b9 | 0;

  /** @param value a whole number below 2^53. */
  add(value: number): void {
    this.word(value | 0);
    if (value >= TWO_32) this.word((value / TWO_32) | 0);
  }

  bytes(bytes: Uint8Array): void {
    const whole = bytes.byteOffset % 4 === 0 ? bytes.length >> 2 : 0;
    const words = whole === 0 ? [] : new Int32Array(bytes.buffer, bytes.byteOffset, whole);
    let { a, b } = this;
    for (let i = 0; i < whole; i++) {
      a = Math.imul(a ^ words[i]!, 0x0100_0193);
      b = Math.imul(b ^ (a >>> 15), 0x85eb_ca6b);
    }
    this.a = a;
    this.b = b;
    for (let i = whole * 4; i < bytes.length; i++) this.word(bytes[i]!);
    this.word(bytes.length);
  }

  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.word(text.charCodeAt(i));
    this.word(text.length);
  }

  get hex(): string {
    return [this.a, this.b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  private word(value: number): void {
    this.a = Math.imul(this.a ^ value, 0x0100_0193);
    this.b = Math.imul((this.b ^ (this.a >>> 15)) + value, 0x85eb_ca6b);
  }
}
