import { expect, test } from 'vitest';
import { driverScripts } from '../scripted-driver.proof.ts';

const TAKES =
  'reset read=0 status=1 status=3 offer offer-word=1 offer word=0 accept=0 word=1 accept=97 refused=b';
const SET_UP = 'desc=1000 driver=2000 device=3000';

test.each([
  ['reads that FEATURES_OK was refused, and sets it with DRIVER_OK', 'read=3 status=f', 'virtio/INIT-D12'],
  ['reads that it was refused, and enables a queue', `read=3 ${SET_UP} enable=1`, 'virtio/INIT-D12'],
  ['does not read the status, and sets both', 'status=f', 'virtio/INIT-D6'],
])('a driver that %s is told of that', (_what, then, clause) => {
  const { script } = driverScripts(['modern'], { script: [`${TAKES} ${then}`, ''] });

  const { broken } = script.breaks();

  expect(broken.filter((one) => /INIT-D(6|12)$/.test(one))).toEqual([clause]);
});

test('a driver that asks for less after a refusal, and reads the status again, is told nothing', () => {
  const again = `read=3 word=1 accept=17 status=b read=b ${SET_UP} enable=1 status=f`;
  const { script } = driverScripts(['modern'], { script: [`${TAKES} ${again}`, ''] });

  const { broken } = script.breaks();

  expect(broken.filter((one) => /INIT-D(6|12)$/.test(one))).toEqual([]);
});
