import { describe, expect, test } from 'vitest';
import { MemoryMedium } from '../../media/memory.ts';
import { ANY_LAYOUT, READ_BLOCK_0, ScsiRig, TEST_UNIT_READY, text } from './scsi-rig.ts';

const WELL_KNOWN = 'c1 01 00 00 00 00 00 00';
const ROOM = 64;
const [QUERY_TASK_SET, I_T_NEXUS_RESET, LOGICAL_UNIT_RESET] = [6, 7, 5];
/** REPORT LUNS with a SELECT REPORT, and room for 64 bytes. */
const report = (select: number) => `a0 00 0${select} 000000 00000040 00 00`;
const INQUIRY = '12 00 00 0040 00';

/** Disks at target 1 LUN 0, target 3 LUN 0 and target 3 LUN 300. */
function start() {
  const rig = new ScsiRig({ max_lun: 16_383 }).start(ANY_LAYOUT);
  rig.device.addDisk(3, 300, new MemoryMedium(512));
  rig.device.addDisk(3, 0, new MemoryMedium(512));
  const ask = (cdb: string, lun = WELL_KNOWN, room = ROOM) => {
    const head = rig.put({ cdb, lun, ...(room > 0 && { room }) });
    rig.kick(2);
    const { response, status, sense, residual } = rig.answer(head);
    return { response, status, sense, data: text(rig.data(head).subarray(0, room - residual)) };
  };
  return { rig, ask };
}

describe('the REPORT LUNS well-known unit, c1 01,', () => {
  const UNITS = '0101000000000000' + '0103000000000000' + '0103412c00000000';
  const OWN = 'c101000000000000';

  test.each([
    ['all units, each as the LUN field of a request has it', 0, `0000001800000000${UNITS}`],
    ['itself, where well-known units are asked for', 1, `0000000800000000${OWN}`],
    ['both', 2, `0000002000000000${OWN}${UNITS}`],
  ])('reports %s', (_what, select, data) => {
    const { rig, ask } = start();

    expect(ask(report(select))).toEqual({ response: 0, status: 0, sense: '', data });
    expect(rig.said).toEqual([]);
  });

  test('is of type 1Eh, and ready', () => {
    const { ask } = start();

    expect(ask(INQUIRY).data.slice(0, 2)).toBe('1e');
    expect(ask('12 01 00 0040 00').data).toBe('1e00000100');
    expect(ask(TEST_UNIT_READY)).toMatchObject({ response: 0, status: 0 });
  });

  test('refuses disk commands', () => {
    expect(start().ask(READ_BLOCK_0)).toMatchObject({ response: 0, status: 2, sense: '5/20/0' });
  });

  test('clears the units’ attentions, once it has reported them', () => {
    const { rig, ask } = start();
    const known = rig.device.targets.get(3)!.units.get(300)!;
    known.takeAttention();
    known.attention(0x3f, 0x0e);

    ask(report(0));

    expect(known.takeAttention()).toBeNull();
  });

  test('accepts task management, which does not affect a disk', () => {
    const { rig } = start();
    const answers = [QUERY_TASK_SET, LOGICAL_UNIT_RESET, I_T_NEXUS_RESET].map((subtype) =>
      rig.manage(subtype, WELL_KNOWN),
    );

    expect([answers, rig.run({ cdb: TEST_UNIT_READY }).status]).toEqual([[0, 0, 0], 0]);
  });
});

test('a well-known unit of a target is a LUN that no target has, without a finding', () => {
  const { rig, ask } = start();

  expect(ask(INQUIRY, '01 01 c1 01').data.slice(0, 2)).toBe('7f');
  expect(ask(TEST_UNIT_READY, '01 01 c1 01', 0)).toMatchObject({ status: 2, sense: '5/25/0' });
  expect(rig.said).toEqual([]);
});
