import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { workFolder } from './work-folder.ts';

/**
 * `lspci` output of a Compute Engine N1 machine with one vCPU, typed in. Of pciutils' list of names only those
 * that have not changed over the years: `Red Hat, Inc` has become `Red Hat, Inc.`.
 */
const SEEN = [
  {
    head: /^00:00\.0 Host bridge \[0600\]: Intel Corporation 440FX - 82441FX PMC \[Natoma\] \[8086:1237\] \(rev 02\)$/m,
    subsystem: /^Subsystem: Red Hat, Inc.* Qemu virtual machine \[1af4:1100\]$/m,
    status: /^Status: Cap- .*DEVSEL=medium /m,
    control: /^Control: .*BusMaster- /m,
    absent: /^(Interrupt|Region|Capabilities|Latency)/m,
  },
  {
    head: /^00:01\.0 ISA bridge \[0601\]: Intel Corporation 82371AB\/EB\/MB PIIX4 ISA \[8086:7110\] \(rev 03\)$/m,
    status: /^Status: Cap- .*DEVSEL=fast /m,
    control: /^Control: .*BusMaster- /m,
    absent: /^(Subsystem|Interrupt|Region|Capabilities|Latency)/m,
  },
  {
    head: /^00:01\.3 Bridge \[0680\]: Intel Corporation 82371AB\/EB\/MB PIIX4 ACPI \[8086:7113\] \(rev 03\)$/m,
    status: /^Status: Cap- .*DEVSEL=fast /m,
    control: /^Control: .*BusMaster- /m,
    interrupt: /^Interrupt: pin A routed to IRQ 9$/m,
    absent: /^(Subsystem|Region|Capabilities|Latency)/m,
  },
  {
    head: /^00:03\.0 Non-VGA unclassified device \[0000\]: Red Hat, Inc.* Virtio SCSI \[1af4:1004\]$/m,
    subsystem: /^Subsystem: Red Hat, Inc.* \[1af4:0008\]$/m,
    status: /^Status: Cap\+ .*DEVSEL=fast /m,
    control: /^Control: I\/O\+ Mem\+ BusMaster\+ /m,
    latency: /^Latency: 0$/m,
    interrupt: /^Interrupt: pin A routed to IRQ 11$/m,
    ports: /^Region 0: I\/O ports at c000$/m,
    memory: /^Region 1: Memory at febfe000 \(32-bit, non-prefetchable\)$/m,
    // Control, event, request, configuration.
    msix: /^Capabilities: \[\w+\] MSI-X: Enable- Count=4 Masked-$/m,
    absent: /^Region [2-5]/m,
  },
  {
    head: /^00:04\.0 Ethernet controller \[0200\]: Red Hat, Inc.* Virtio network device \[1af4:1000\]$/m,
    subsystem: /^Subsystem: Red Hat, Inc.* \[1af4:0001\]$/m,
    status: /^Status: Cap\+ .*DEVSEL=fast /m,
    control: /^Control: I\/O\+ Mem\+ BusMaster\+ /m,
    latency: /^Latency: 0$/m,
    // 11, and 10 once a guest has moved LNKD there, as the Linux of that listing did.
    interrupt: /^Interrupt: pin A routed to IRQ 11$/m,
    ports: /^Region 0: I\/O ports at c040$/m,
    memory: /^Region 1: Memory at febff000 \(32-bit, non-prefetchable\)$/m,
    // Receive, transmit, configuration.
    msix: /^Capabilities: \[\w+\] MSI-X: Enable- Count=3 Masked-$/m,
    absent: /^Region [2-5]/m,
  },
] as const;

const folder = workFolder();
let paragraphs: string[];
let verbatim: string;

beforeAll(async () => {
  let dump = '';
  await run(['lspci'], { out: (text) => (dump += text), err: () => {}, color: false });
  const file = join(folder, 'dump.txt');
  writeFileSync(file, dump);
  const decoded = lspci('-F', file, '-nnvv');
  paragraphs = decoded.trim().replaceAll('\t', '').split('\n\n');
  verbatim = lspci('-F', file, '-xxx');
});

/** pciutils' output; its complaints about this host's kernel modules are irrelevant. */
function lspci(...argv: string[]): string {
  return execFileSync('lspci', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

describe('pciutils, given our dump of gce-n1,', () => {
  test('finds five functions', () => {
    expect(paragraphs).toHaveLength(SEEN.length);
  });

  test.each(SEEN.map((seen, index) => [String(seen.head).slice(2, 11).replaceAll('\\', ''), index] as const))(
    'decodes %s as Compute Engine shows it',
    (_address, index) => {
      const { absent, ...present } = SEEN[index]!;
      const text = paragraphs[index]!;

      expect(Object.entries(present).filter(([, pattern]) => !pattern.test(text))).toEqual([]);
      expect(text).not.toMatch(absent);
    },
  );

  test('reads every byte as we wrote it', async () => {
    let dump = '';
    await run(['lspci'], { out: (text) => (dump += text), err: () => {}, color: false });

    const rows = (text: string) => text.split('\n').filter((line) => /^[0-9a-f]{2}: /.test(line));

    expect(rows(dump)).toHaveLength(5 * 16);
    expect(rows(verbatim)).toEqual(rows(dump));
  });
});
