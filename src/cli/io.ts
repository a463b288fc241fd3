/** The streams of the command line. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** `out` ends at a terminal that shows colours. */
  readonly color: boolean;
  /** The columns of `out`'s terminal; left out, it is not a terminal. */
  readonly width?: number | undefined;
  /**
   * A terminal's last line, which shows the progress of long work; each call replaces the text, and an empty one
   * ends it. Left out, no progress is shown.
   */
  readonly progress?: (text: string) => void;
  /** When the user began to wait, in `performance.now()`'s time; left out, when a guest begins. */
  readonly begun?: number;
  /** The day by which waivers end: `2026-11-30`; left out, that of the host's clock, in UTC. */
  readonly today?: string;
  /** The input of a guest's console; left out, there is none. */
  readonly keyboard?: Keyboard;
}

/** Keyboard input while a guest runs. */
export interface Keyboard {
  /** A person types: the guest's time must not run ahead of the host's. */
  readonly live: boolean;
  /** Passes input to `type`, and calls `stop` at Ctrl-C. Returns a function that ends this. */
  listen(type: (bytes: Uint8Array) => void, stop: () => void): () => void;
}
