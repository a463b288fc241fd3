import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { conformOnQemu } from '../../src/cli/conform.ts';
import { BROKEN_DRIVERS, SUITE } from '../../src/conformance/index.ts';
import { workFolder } from './work-folder.ts';

const VERSION = /version (\d+\.\d+)/.exec(spawnSync('qemu-system-x86_64', ['--version']).stdout?.toString());
const [, PAGE = ''] = readFileSync('docs/reports.md', 'utf8').split('## On QEMU\n');
const ROWS = [
  ...PAGE.matchAll(
    /^\| (\w.*?) +\| `(.+?)` +\| (legacy|modern) +\| (goes on|stops) +\| (the breach|nothing) +\|$/gm,
  ),
].map(([, name, clause, virtio, does, shows]) => ({
  name: name!,
  clause: clause!,
  virtio: virtio as Virtio,
  does: does!,
  shows: shows!,
}));
const PLAYED = SUITE.filter(({ elsewhere }) => elsewhere !== undefined).map(({ name }) => name);
type Virtio = 'legacy' | 'modern';

const work = workFolder();
const [binary, log, said] = ['qemu', 'log', 'said'].map((name) => join(work, name)) as [
  string,
  string,
  string,
];
/** Its log stays under another name, with what it thinks of its guest, and so does what it prints. */
const KEPT = `#!/bin/sh
for one do
  [ "$before" = -D ] && : >"$one" && ln -f "$one" ${log}
  before=$one
done
exec qemu-system-x86_64 "$@" -d guest_errors 2>>${said}`;

describe.skipIf(VERSION === null)('a driver that does what a report tells', () => {
  test('is one of those that have a place on the page', () => {
    expect(ROWS.length).toBeGreaterThan(10);
    expect(PAGE).toContain(`QEMU ${VERSION![1]}`);
  });

  test.each(ROWS)('$name: QEMU says nothing of it, and it $does', ({ name, clause, virtio, does, shows }) => {
    const { broken, stopped, words } = played(name, virtio);

    expect(broken.some((one) => one === clause) ? 'the breach' : 'nothing').toBe(shows);
    expect(stopped.length === 0 ? 'goes on' : 'stops').toBe(does);
    expect(words).toBe('');
  });

  test('would be seen if QEMU said a word', () => {
    expect(played('disables queues that it sets up', 'modern').words).toContain(
      'wrong value for queue_enable 0',
    );
  });
});

function played(name: string, virtio: Virtio) {
  const { model } = BROKEN_DRIVERS.find((broken) => broken.model.name === name)!;
  writeFileSync(binary, KEPT, { mode: 0o755 });
  writeFileSync(said, '');
  const { verdicts, stopped } = conformOnQemu(`qemu:${binary}`, model, {
    machine: { virtio },
    scenarios: PLAYED,
  });
  const logged = readFileSync(log, 'utf8').split('\n');
  const words = [readFileSync(said, 'utf8'), ...logged.filter((line) => !TRACED.test(line))].join('');
  return {
    broken: verdicts.filter(({ outcome }) => outcome === 'fail').map(({ clause }) => clause),
    stopped,
    words,
  };
}

/** A line of an event that was asked for, and not what QEMU says of its own accord. */
const TRACED = /^(virtio|pci|memory)_\w+ /;
