import { type NicDriver, type ScsiHost, virtioNet, virtioScsi } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { moveByOddLengths, sendByOddLengths } from '../odd-lengths.ts';
import type { Scenario } from './scenario.ts';

const FEW = 16;
const TARGET = 1;

const machine = () =>
  gceN1({ nics: [{ ringSize: FEW }], disks: [{ bytes: 1 << 20 }], completion: { oddLengths: true } });
const found = <Handle>(handles: readonly unknown[]) => handles.find((one) => one !== undefined) as Handle;

/** Legacy devices whose used entries have meaningless lengths. */
export const LENGTH_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a legacy card that says anything for the length of what it sent',
    machine,
    model: () => ({
      name: 'reference NIC',
      drivers: [virtioNet()],
      run: (_port, handles, shown) =>
        sendByOddLengths(shown, (frame) => found<NicDriver>(handles).tryPost(frame)),
    }),
  },
  {
    name: 'a legacy adapter that says anything for the length of its answers',
    machine,
    model: () => ({
      name: 'reference SCSI host',
      drivers: [virtioScsi()],
      run: (_port, handles, shown) => {
        const host = found<ScsiHost>(handles);
        host.scan();
        moveByOddLengths(
          shown,
          (lba, bytes) => host.write(TARGET, lba, bytes),
          (lba) => host.read(TARGET, lba, 1),
        );
      },
    }),
  },
];
