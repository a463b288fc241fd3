import type { GuestPort } from 'guestrig';

const [CONFADD, CONFDATA] = [0xcf8, 0xcfc];
const [COMMAND, BAR0] = [0x04, 0x10];
const IO_SPACE_AND_BUS_MASTER = 0x05;
const [DEVICE_FEATURES, DRIVER_FEATURES, STATUS] = [0, 4, 18];
const [ACKNOWLEDGE, DRIVER, DRIVER_OK] = [1, 2, 4];
const SECOND = 1_000_000_000;

/**
 * Takes a legacy virtio function into use, with no feature at all: virtio 1.4, 3.1.2.
 *
 * @param makeQueues makes its queues; `base` is where its registers are.
 */
export function startFunction<Queues>(
  port: GuestPort,
  bdf: number,
  makeQueues: (base: number) => Queues,
): Queues {
  const select = (register: number) => port.out(CONFADD, 0x8000_0000 + bdf * 256 + register, 4);
  select(COMMAND);
  port.out(CONFDATA, port.in(CONFDATA, 2) | IO_SPACE_AND_BUS_MASTER, 2);
  select(BAR0);
  const base = port.in(CONFDATA, 4) & 0xfffc;
  port.out(base + STATUS, 0, 1);
  port.wait(() => port.in(base + STATUS, 1) === 0, SECOND);
  port.out(base + STATUS, ACKNOWLEDGE, 1);
  port.out(base + STATUS, ACKNOWLEDGE | DRIVER, 1);
  port.in(base + DEVICE_FEATURES, 4);
  port.out(base + DRIVER_FEATURES, 0, 4);
  const queues = makeQueues(base);
  port.out(base + STATUS, ACKNOWLEDGE | DRIVER | DRIVER_OK, 1);
  return queues;
}
