#!/usr/bin/env node
import { keyboardOf } from './keyboard.ts';
import { run } from './run.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (head) closes the pipe: no fault of anybody.
  if (error.code === 'EPIPE') return;
  process.stderr.write(`output: cannot be written (${error.code})\n`);
  process.exitCode = 2;
});
process.stderr.on('error', () => {});

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  // `hasColors` knows of NO_COLOR and of terminals that cannot.
  color: process.stdout.isTTY === true && process.stdout.hasColors(),
  keyboard: keyboardOf(process.stdin),
});
