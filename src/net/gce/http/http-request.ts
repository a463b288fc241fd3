/** The query string of a URL, as in `URLSearchParams`. */
export interface HttpQuery {
  /** The number of parameters, and the raw text. */
  readonly size: number;
  toString(): string;
  has(name: string): boolean;
  get(name: string): string | null;
  getAll(name: string): string[];
}

/** A parsed request (RFC 9112). */
export interface HttpRequest {
  readonly method: string;
  /** The path as sent, without the query string. */
  readonly path: string;
  readonly query: HttpQuery;
  /** By their names in lower case; the last of two with the same name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}
