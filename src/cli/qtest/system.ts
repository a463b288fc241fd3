#!/usr/bin/env node
import { run } from '../run.ts';

// The program that QTEST_QEMU_BINARY names: it gets nothing but QEMU's options, so ours come by the environment. What it prints
// is beside the wire, and beside what a test program prints: all of it is an error's place.
const err = (text: string) => process.stderr.write(text);
const ours = (process.env['GUESTRIG_QTEST'] ?? '').split(' ').filter((word) => word !== '');

process.stderr.on('error', () => {});
process.exitCode = await run(['qtest', ...ours, ...process.argv.slice(2)], { out: err, err, color: false });
