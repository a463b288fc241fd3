/** A SHA-256 in the making. */
interface Sha256 {
  update(bytes: Uint8Array | string): this;
  digest(encoding: 'hex'): string;
}

/** Node's module takes a program 5 ms to import, and few hash anything: it is loaded here. */
export function sha256(): Sha256 {
  return process.getBuiltinModule('node:crypto').createHash('sha256');
}
