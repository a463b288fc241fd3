import { describe, expect, test } from 'vitest';
import { attachedBehind, behind, behindMemory } from '../src/conformance/broken/behind.ts';
import { changeDoorbells } from '../src/conformance/broken/behind-gvnic.ts';
import { FRAME } from '../src/conformance/reference.ts';
import { swap32 } from '../src/core/bits.ts';
import type { DriverMemory, GuestPort } from '../src/core/guest-port.ts';
import { type GvnicDriver, gvnic } from '../src/guest/index.ts';
import { barAddress } from '../src/guest/pci/bars.ts';
import { GQI_IRQ } from '../src/gvnic/registers/doorbells.ts';
import { gceN1 } from '../src/index.ts';
import type { Machine } from '../src/machine/machine.ts';
import { suspectedIn } from '../src/rules/suspected.ts';

type Mistake = (port: GuestPort, bdf: number) => GuestPort;
type Format = 'GQI_QPL' | 'GQI_RDA' | 'DQO_RDA';

/** Indices of the doorbells of queues that transmit and receive, and of blocks. */
const [TRANSMIT, RECEIVE, BLOCKS] = [0x100, 0x200, 0x300];
const ADMIN_DOORBELL = 0x14;
const SECOND = 1_000_000_000;
/** Bytes of the array of counters, for one pair of queues. */
const COUNTERS = 8;

/** What a good driver behind a mistake is suspected of once it gives up. */
function suspectedOf(
  format: Format,
  mistake: Mistake,
  { interrupts = 'polled', act = () => {}, use = sends }: Partial<Use> = {},
): string | null {
  const machine = gceN1({ nics: [{ type: 'gvnic', gvnic: { formats: [format] } }] });
  try {
    const nic = machine.attach(attachedBehind(gvnic({ interrupts }), mistake));
    act(machine);
    use(nic, machine);
  } catch {
    // It gave up.
  }
  machine.port.wait(() => false, SECOND);
  return suspectedIn(machine.journal);
}

interface Use {
  readonly interrupts: 'polled' | 'msix';
  readonly act: (machine: Machine) => void;
  readonly use: (nic: GvnicDriver, machine: Machine) => void;
}

const sends = (nic: GvnicDriver) => nic.send(FRAME);
const receives = (nic: GvnicDriver) => void nic.receiveWithin(SECOND);
/** The frame comes while it waits. */
const waits = (_nic: GvnicDriver, machine: Machine) => {
  machine.nics[0]!.receive(FRAME);
  machine.port.unmask();
  machine.port.wait(() => false, SECOND);
};
const arriving = (machine: Machine) => machine.nics[0]!.receive(FRAME);
const silent =
  (from: number): Mistake =>
  (port, bdf) =>
    changeDoorbells(port, bdf, from, () => {});

/** Memory whose bytes a driver reads otherwise. */
const reading = (port: GuestPort, change: Partial<DriverMemory>): GuestPort =>
  behind(port, {
    memory: {
      ...behindMemory(port.memory, (address, value, width) => port.memory.store(address, value, width)),
      ...change,
    },
  });

const noCommand: Mistake = (port, bdf) => {
  const at = (barAddress(port, bdf, 0)?.address ?? 0) + ADMIN_DOORBELL;
  return behind(port, {
    write: (address, value, width) => address !== at && port.write(address, value, width),
  });
};
/** Writes MASK for whatever it means. */
const masking: Mistake = (port, bdf) =>
  changeDoorbells(port, bdf, BLOCKS, (write, address) => write(address, swap32(GQI_IRQ.mask.MASK) >>> 0, 4));

/** Looks at the counter behind its own. */
const nextCounter: Mistake = (port) => {
  let array = 0;
  const { memory } = port;
  return reading(
    behind(port, {
      allocate: (bytes, align) => {
        const at = port.allocate(bytes, align);
        if (bytes === COUNTERS) array = at;
        return at;
      },
    }),
    {
      load: (address, width) =>
        memory.load(address >= array && address < array + COUNTERS ? address + 4 : address, width),
    },
  );
};
/** Takes an entry of a DQO ring for new when it is not, and the other way round. */
const otherGeneration: Mistake = (port) => {
  const { memory } = port;
  return reading(port, {
    load: (address, width) => memory.load(address, width) * (width === 2 ? 0 : 1),
  });
};

/** Shows its buffers once. */
const oneDoorbell: Mistake = (port, bdf) => {
  let isFirst = true;
  return changeDoorbells(port, bdf, RECEIVE, (write, address, value) => {
    if (isFirst) write(address, value, 4);
    isFirst = false;
  });
};
/** Clears its counters whenever it wrote a register. */
const clearing: Mistake = (port) => {
  let array = 0;
  return behind(port, {
    allocate: (bytes, align) => {
      const at = port.allocate(bytes, align);
      if (bytes === COUNTERS) array = at;
      return at;
    },
    write: (address, value, width) => {
      port.write(address, value, width);
      if (array !== 0) port.memory.store(array, 0, 4);
    },
  });
};
/** More than it has buffers for. */
const receivesMany = (nic: GvnicDriver, machine: Machine) => {
  for (let i = 0; i < 200; i++) {
    machine.nics[0]!.receive(FRAME);
    nic.receiveWithin(1);
  }
};

describe('a driver that gives up is suspected of', () => {
  test.each<[string, string, Format, Mistake, Partial<Use>]>([
    [
      'no doorbell of commands',
      'gvnic/AQ-COUNT: net0: slot 0 has command 0f, and the doorbell of the admin queue says 0 commands',
      'GQI_QPL',
      noCommand,
      {},
    ],
    [
      'no doorbell of a GQI ring',
      'gvnic/TX-COUNT: net0: descriptor 0 of transmit queue 0 is filled in, and the doorbell was never written',
      'GQI_QPL',
      silent(TRANSMIT),
      {},
    ],
    [
      'no doorbell of a DQO ring',
      'gvnic/DQO-TAIL: net0: descriptor 0 of transmit queue 0 is filled in, and the doorbell was never written',
      'DQO_RDA',
      silent(TRANSMIT),
      {},
    ],
    [
      'buffers that were never posted',
      'gvnic/RX-COUNT: net0: receive queue 0 has no buffers: its doorbell was never written',
      'GQI_RDA',
      silent(RECEIVE),
      { act: arriving, use: receives },
    ],
    [
      'a block that stays masked',
      'net0: entry 0 of receive queue 0 was not looked at: block 1 is masked',
      'GQI_QPL',
      masking,
      { interrupts: 'msix', use: waits },
    ],
    [
      'another counter',
      'net0: counter 0 of transmit queue 0 is 1, and was not looked at: counter 1 was',
      'GQI_QPL',
      nextCounter,
      {},
    ],
    [
      'a generation that it does not know',
      'net0: entry 0 of receive queue 0 was looked at, and not taken, whose generation is 1',
      'DQO_RDA',
      otherGeneration,
      { act: arriving, use: receives },
    ],
    [
      'buffers that were used up',
      'gvnic/RX-COUNT: net0: receive queue 0 has no buffers: all 128 that it got were used',
      'GQI_QPL',
      oneDoorbell,
      { use: receivesMany },
    ],
    [
      'a counter that it overwrites',
      'net0: counter 0 of transmit queue 0 was 1, and the driver stored 0 there',
      'GQI_QPL',
      clearing,
      {},
    ],
    [
      'a link that is down',
      'gvnic/LINK-DOWN: net0: device_status was read last with LINK_STATUS clear',
      'GQI_QPL',
      (port) => port,
      {
        act: (machine) => machine.nics[0]!.setLink(false),
        use: (nic) => {
          if (!nic.linkUp) throw new Error('no link');
        },
      },
    ],
  ])('%s', (_what, said, format, mistake, use) => {
    expect(suspectedOf(format, mistake, use)).toBe(said);
  });
});

test('a block that stays masked is named though frames go on coming', () => {
  const machine = gceN1({ nics: [{ type: 'gvnic', gvnic: { formats: ['GQI_QPL'] } }] });
  machine.attach(attachedBehind(gvnic({ interrupts: 'msix' }), masking));
  machine.port.unmask();
  // Each comes sooner than a driver is waited for.
  for (let frame = 0; frame < 30; frame++) {
    machine.nics[0]!.receive(FRAME);
    machine.port.wait(() => false, SECOND / 20);
  }

  expect(suspectedIn(machine.journal)).toBe(
    'net0: entry 29 of receive queue 0 was not looked at: block 1 is masked',
  );
});
