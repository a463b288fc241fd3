import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Breach } from '../../../docs/generate/judging/breach.ts';
import { LEGACY_BREACHES } from '../../../docs/generate/judging/legacy-breaches.ts';
import { RING_BREACHES } from '../../../docs/generate/judging/ring-breaches.ts';
import { VfioUserHost } from '../../../src/hosts/vfio-user/index.ts';
import { qemuPc } from '../../../src/index.ts';
import { NO_SCRIPTS } from '../../by-hand/legacy-scripts.ts';
import { newerQemu } from '../newer-qemu.ts';
import { workFolder } from '../work-folder.ts';
import type { Errand } from './guest.ts';

const GUEST = new URL('guest.ts', import.meta.url).pathname;
const folder = workFolder();
let qemu: string;
/** Drives QEMU in a process of its own: it waits for each answer, and this process has to give them. */
let guest: ChildProcess;
let count = 0;

beforeAll(async () => {
  qemu = newerQemu();
  guest = fork(GUEST, { execArgv: ['--import', 'tsx'] });
  await once(guest, 'message');
}, 180_000);

afterAll(() => {
  guest.kill();
});

/** Our findings for a guest of QEMU that runs `script` on our SCSI adapter. */
async function toldOf(script: string): Promise<ReadonlySet<string>> {
  const machine = qemuPc({ firmware: false, scsi: { ringSize: 128 } });
  const socket = join(folder, `scsi${count++}`);
  const host = await VfioUserHost.listen(machine, { device: 'scsi', socket });
  guest.send({ qemu, socket, script } satisfies Errand);
  await once(guest, 'message');
  await host.ended;
  machine.close();
  return new Set(machine.findings.map(({ clause }) => clause));
}

const rows = (breaches: Readonly<Record<string, Breach>>) =>
  Object.entries(breaches).map(
    ([name, { told, below = [] }]) => [name, new Set<string>([...told, ...below])] as const,
  );

/** Breaches about which QEMU itself says nothing, or little. */
describe("a guest of QEMU's with our adapter gets exactly these findings if it", () => {
  test.each([...rows(LEGACY_BREACHES), ...rows(RING_BREACHES)])(
    '%s',
    async (script, told) => {
      expect(await toldOf(script)).toEqual(told);
    },
    20_000,
  );
});

describe('it gets no finding if it', () => {
  test.each(Object.keys(NO_SCRIPTS))(
    '%s',
    async (script) => {
      expect(await toldOf(script)).toEqual(new Set());
    },
    20_000,
  );
});
