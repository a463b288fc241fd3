import { virtioScsiDriver } from '../../../src/guest/index.ts';
import { gceN1 } from '../../../src/machine/gce-n1.ts';

// Unmaps an extent of a disk and flushes that. The arguments are its file, first block and blocks.
const [file, lba, blocks] = process.argv.slice(2);
const machine = gceN1({ disks: [{ file: file! }] });
const host = machine.attach(virtioScsiDriver);
host.unmap(1, [{ lba: Number(lba), blocks: Number(blocks) }]);
host.flush(1);
process.kill(process.pid, 'SIGKILL');
