/** A SHA-256 in progress. */
interface Sha256 {
  update(bytes: Uint8Array | string): this;
  digest(encoding: 'hex'): string;
}

/** Loaded on demand: importing Node's module takes 5 ms, and few programs hash. */
export function sha256(): Sha256 {
  return process.getBuiltinModule('node:crypto').createHash('sha256');
}
