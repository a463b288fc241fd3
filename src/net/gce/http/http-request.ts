/** What is behind `?` of a URL, as `URLSearchParams` has it. */
export interface HttpQuery {
  /** How many there are, and all of them as they came. */
  readonly size: number;
  toString(): string;
  has(name: string): boolean;
  get(name: string): string | null;
  getAll(name: string): string[];
}

/** A request as it came (RFC 9112). */
export interface HttpRequest {
  readonly method: string;
  /** As it came, without what is behind `?`. */
  readonly path: string;
  readonly query: HttpQuery;
  /** By their names in lower case; of two of one name the last. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}
