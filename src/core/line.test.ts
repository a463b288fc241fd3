import { expect, test } from 'vitest';
import { Line } from './line.ts';

/** A line with two sources, and the levels its reader was notified of. */
function setUp() {
  const line = new Line('pirqa');
  const told: boolean[] = [];
  line.onChange = (level) => told.push(level);
  return { line, told, net: line.source('net0'), disk: line.source('scsi0') };
}

test('is high while any of its sources is, and notifies of changes only', () => {
  const { line, told, net, disk } = setUp();
  net.set(true);
  disk.set(true);
  net.set(false);
  const shared = line.level;
  disk.set(false);
  expect([shared, line.level, told]).toEqual([true, false, [true, false]]);
});

test('a source that sets the same level twice counts once', () => {
  const { line, told, net } = setUp();
  net.set(true);
  net.set(true);
  net.set(false);
  expect([line.level, net.level, told]).toEqual([false, false, [true, false]]);
});

test('a source that is low cannot lower what another holds', () => {
  const { line, net, disk } = setUp();
  net.set(true);
  disk.set(false);
  expect(line.level).toBe(true);
});

test('has its new level when the reader is notified', () => {
  const { line, net } = setUp();
  const seen: boolean[] = [];
  line.onChange = () => seen.push(line.level);
  net.set(true);
  net.set(false);
  expect(seen).toEqual([true, false]);
});
