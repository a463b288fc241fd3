#!/usr/bin/env node
import { columnsOf } from './fit-width.ts';
import { keyboardOf } from './keyboard.ts';
import { run } from './run.ts';

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
