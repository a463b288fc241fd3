/** Receives segments. The frame is reused for the next one: copy what you keep, change nothing. */
export interface FrameSink {
  send(frame: Uint8Array): void;
}
