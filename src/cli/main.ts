#!/usr/bin/env node
import type { ReadStream } from 'node:tty';
import { columnsOf } from './fit-width.ts';
import type { Keyboard } from './io.ts';
import { run } from './run.ts';

const CTRL_C = 0x03;

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader such as `head` closes the pipe when it has enough; that is no error.
  if (error.code === 'EPIPE') return;
  process.stderr.write(`output: cannot be written (${error.code})\n`);
  process.exitCode = 2;
});
process.stderr.on('error', () => {});

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  // `hasColors` respects NO_COLOR and terminals without colours. Carriage return, the text, and EL: erase to
  // the end of the line.
  ...(process.stderr.isTTY ? { progress: (text) => process.stderr.write(`\r${text}\x1b[K`) } : {}),
  width: columnsOf(process.stdout),
  // When the process began.
  begun: 0,
  color: process.stdout.isTTY === true && process.stdout.hasColors(),
  keyboard: keyboardOf(process.stdin),
});

/** A keyboard from the input of this process, a terminal or a pipe. */
function keyboardOf(input: ReadStream): Keyboard {
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
