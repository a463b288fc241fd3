/** One change that makes a queue wrong: `find` stands exactly once in the file, and becomes `replace`. */
export interface Mutant {
  /** In src/virtio. */
  readonly file: string;
  /** What the broken queue does: `a head past the ring is taken`. */
  readonly what: string;
  readonly find: string;
  readonly replace: string;
}
