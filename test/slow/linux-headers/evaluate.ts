import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const HEADERS = [
  'stddef.h',
  'stdio.h',
  'linux/pci_regs.h',
  'linux/serial_reg.h',
  'linux/virtio_config.h',
  'linux/virtio_ids.h',
  'linux/virtio_net.h',
  'linux/virtio_pci.h',
  'linux/virtio_ring.h',
  'linux/virtio_scsi.h',
  'linux/virtio_balloon.h',
];

/** Where `vring_init` puts a part of a queue of `n` entries at address 0. */
const VRING = '#define VRING(n, part) ({ struct vring v; vring_init(&v, n, 0, 4096); (long)v.part; })';

/** The value of each expression by a C compiler, with the kernel's public headers. */
export function evaluate(expressions: readonly string[]): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'linux-headers-'));
  try {
    const program = join(folder, 'program');
    execFileSync('gcc', ['-x', 'c', '-', '-o', program], { input: programOf(expressions) });
    return execFileSync(program, { encoding: 'utf8' }).trim().split('\n').map(Number);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function programOf(expressions: readonly string[]): string {
  return [
    ...HEADERS.map((header) => `#include <${header}>`),
    VRING,
    'int main(void) {',
    ...expressions.map((expression) => `  printf("%lld\\n", (long long)(${expression}));`),
    '}\n',
  ].join('\n');
}
