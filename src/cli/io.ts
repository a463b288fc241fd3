/** Where the command line speaks to. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** `out` ends at a terminal that shows colours. */
  readonly color: boolean;
}
