import { expect, test } from 'vitest';
import { DONE, DQO_CARD, DQO_DRIVERS, sendDqoFrame } from './bring-ups-dqo-rig.ts';
import { COUNTERS, DRIVERS, FRAME, RESOURCES, RX_RING, sendFrame } from './bring-ups-rig.ts';
import { CardRig } from './card-rig.ts';
import { COMMAND_STATUS } from './registers/admin.ts';
import { DQO_RX_LENGTH, dqo_rx_completion, dqo_tx_completion } from './registers/dqo.ts';
import { gqi_rx_desc } from './registers/gqi.ts';

test.each(Object.entries(DRIVERS))(
  '%s brings the card up in its order and with its values, to traffic',
  (_name, bringUp) => {
    const { rig, statuses } = bringUp((revision) => new CardRig({ pairs: 1, revision }));
    const sent: Uint8Array[] = [];
    rig.fn.device.wire.onFrame = (frame, isSent) => isSent && sent.push(frame.slice());

    sendFrame(rig);
    rig.fn.device.arrive(FRAME);

    expect(new Set(statuses)).toEqual(new Set([COMMAND_STATUS.PASSED]));
    expect(sent).toEqual([FRAME]);
    const counter = (at: number) => rig.view.getUint32(COUNTERS + 4 * rig.view.getUint32(at + 4));
    expect([counter(RESOURCES), counter(RESOURCES + 64)]).toEqual([1, 1]);
    const { len, flags_seq } = gqi_rx_desc.decode(rig.board.memory.slice(RX_RING, gqi_rx_desc.size)!);
    expect([len, flags_seq & 7]).toEqual([FRAME.length + 2, 1]);
  },
);

test.each(Object.entries(DQO_DRIVERS))(
  '%s brings the card up with DQO rings, to traffic',
  (_name, bringUp) => {
    const { rig, statuses } = bringUp(() => new CardRig(DQO_CARD));
    const sent: Uint8Array[] = [];
    rig.fn.device.wire.onFrame = (frame, isSent) => isSent && sent.push(frame.slice());

    sendDqoFrame(rig);
    rig.fn.device.arrive(FRAME);

    expect(new Set(statuses)).toEqual(new Set([COMMAND_STATUS.PASSED]));
    expect(sent).toEqual([FRAME]);
    const { memory } = rig.board;
    expect(dqo_tx_completion.decode(memory.slice(DONE, dqo_tx_completion.size)!).tag).toBe(5);
    const { length } = dqo_rx_completion.decode(memory.slice(RX_RING, dqo_rx_completion.size)!);
    // Its generation is 1 in the first lap.
    expect(length).toBe(FRAME.length | DQO_RX_LENGTH.mask.GENERATION);
  },
);
