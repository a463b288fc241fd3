/** Where the command line speaks to. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** `out` ends at a terminal that shows colours. */
  readonly color: boolean;
  /** Where a guest's console listens; left out, nobody types. */
  readonly keyboard?: Keyboard;
}

/** What is typed while a guest runs. */
export interface Keyboard {
  /** A person types, so the guest's time is not to run ahead of ours. */
  readonly live: boolean;
  /** Listens until the function that is returned is called; `stop` is told of Ctrl-C. */
  listen(type: (bytes: Uint8Array) => void, stop: () => void): () => void;
}
