import type { ReadStream } from 'node:tty';
import type { Keyboard } from './io.ts';

const CTRL_C = 0x03;

/** A keyboard from the input of this process, a terminal or a pipe. */
export function keyboardOf(input: ReadStream): Keyboard {
  const live = input.isTTY === true;
  return {
    live,
    listen(type, stop) {
      const onData = (bytes: Uint8Array) => {
        const at = live ? bytes.indexOf(CTRL_C) : -1;
        if (at >= 0) stop();
        type(at < 0 ? bytes : bytes.subarray(0, at));
      };
      if (live) input.setRawMode(true);
      input.on('data', onData);
      process.on('SIGINT', stop);
      return () => {
        process.off('SIGINT', stop);
        input.off('data', onData);
        if (live) input.setRawMode(false);
        input.pause();
      };
    },
  };
}
