#!/usr/bin/env node
import { run } from '../run.ts';

// The program that QTEST_QEMU_BINARY names: it gets only QEMU's options, so ours come by the environment. Its output is
// separate from the wire, and from a test program's output: all of it goes to standard error.
const err = (text: string) => process.stderr.write(text);
const ours = (process.env['GUESTRIG_QTEST'] ?? '').split(' ').filter((word) => word !== '');

process.stderr.on('error', () => {});
process.exitCode = await run(['qtest', ...ours, ...process.argv.slice(2)], { out: err, err, color: false });
