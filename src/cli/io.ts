/** Where the command line speaks to. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** `out` ends at a terminal that shows colours. */
  readonly color: boolean;
  /** How many columns the terminal has that `out` ends at; left out, it ends at none. */
  readonly width?: number | undefined;
  /**
   * A terminal's last line, which shows how far long work is; each call puts another text in its place, and an empty
   * one ends it. Left out, nobody looks.
   */
  readonly progress?: (text: string) => void;
  /** When the user began to wait, as `performance.now()` tells it; left out, when a guest begins. */
  readonly begun?: number;
  /** Where a guest's console listens; left out, nobody types. */
  readonly keyboard?: Keyboard;
}

/** What is typed while a guest runs. */
export interface Keyboard {
  /** A person types: the guest's time must not run ahead of the host's. */
  readonly live: boolean;
  /** Gives what is typed to `type`, and calls `stop` at Ctrl-C. Returns a function that ends this. */
  listen(type: (bytes: Uint8Array) => void, stop: () => void): () => void;
}
