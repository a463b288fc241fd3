import { expect, test } from 'vitest';
import { Random } from '../src/core/random.ts';
import { barAddress, enumerate } from '../src/guest/index.ts';
import { gceN1 } from '../src/machine/gce-n1.ts';
import { Hands } from './nvme-states/hands.ts';
import { type Asked, Model } from './nvme-states/model.ts';
import { commitSeed, repeats } from './repeats.ts';

const SEQUENCES = repeats(25, 10_000);
const COMMANDS = 60;
/** Of each of two namespaces; so few that commands meet. */
const BLOCKS = 64;
const SIZES = [512, 4096] as const;

/** Numbers of which about half make sense. */
class Chooser {
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  below(limit: number): number {
    return this.random.below(limit);
  }

  of<T>(...list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  seldom(value: number, usual: number): number {
    return this.below(12) === 0 ? value : usual;
  }

  admin(): Asked {
    const id = this.of(1, 1, 2, 2, 0, 3);
    const entries = this.of(2, 4, 8, 64, 1, 4097);
    const place = (((entries - 1) << 16) | id) >>> 0;
    const vector = this.seldom(5, 0) * 0x1_0000;
    const nsid = this.of(0, 1, 2, 3, 5, 0xffff_ffff, 0xffff_fffe);
    return this.of<Asked>(
      { opcode: 0x05, cdw10: place, cdw11: this.seldom(0, 1) | vector, offset: this.seldom(64, 0) },
      { opcode: 0x05, cdw10: place, cdw11: 1, offset: 0 },
      { opcode: 0x01, cdw10: place, cdw11: this.seldom(0, 1) | (this.of(1, 2, 1, 2, 0, 3) << 16) },
      { opcode: 0x01, cdw10: place, cdw11: 1 | (id << 16), offset: this.seldom(64, 0) },
      { opcode: this.of(0x00, 0x04), cdw10: id },
      { opcode: 0x06, cdw10: this.of(0, 1, 2, 3, 5, 0x10), nsid },
      { opcode: 0x09, cdw10: 0x07, cdw11: this.of(0, 0x1_0001, 0xffff, 0xffff_0000, 0xff_00ff) },
      { opcode: 0x09, cdw10: this.of(0x04, 0x02, 0x06, 0x0b, 0x30, 0x8000_0004), cdw11: this.below(2) },
      { opcode: 0x0a, cdw10: this.of(0x04, 0x02, 0x06, 0x07, 0x0b, 0x30) },
      { opcode: 0x02, cdw10: this.of(1, 2, 3, 4, 5, 0x70) | (15 << 16), nsid: 0xffff_ffff },
      { opcode: 0x08, cdw10: (this.below(8) << 16) | this.below(3) },
      { opcode: this.of(0x0d, 0x10, 0x18, 0x80, 0xff) },
    );
  }

  io(): Asked {
    const cdw10 = this.below(BLOCKS);
    const blocks = 1 + this.below(8);
    const opcode = this.of(1, 1, 1, 2, 2, 2, 5, 8, 0x0c, 0x00, 0x09, 0x04, 0x0d, 0x11, 0x7f);
    const nsid = this.of(1, 1, 1, 2, 2, 2, 0, 3, 4, 0xffff_ffff);
    const flags = this.seldom(this.of(1, 2, 0x40, 0x80), 0);
    const asked = { opcode, nsid, cdw10, flags, seed: this.below(256) };
    if (opcode !== 0x09)
      return { ...asked, cdw11: this.seldom(1, 0), cdw12: blocks - 1, offset: this.of(0, 4, 512, 2) };
    const ranges = Array.from(
      { length: 1 + this.below(3) },
      () => [this.below(BLOCKS), this.below(12)] as const,
    );
    return { ...asked, cdw10: ranges.length - 1, cdw11: this.of(4, 4, 0), ranges };
  }
}

/** What a controller did otherwise than the standard has it, in words. */
function faultsOf(seed: number): string[] {
  const choose = new Chooser(seed);
  const media = SIZES.map((blockSize) => ({ bytes: BLOCKS * blockSize, blockSize }));
  const machine = gceN1({
    seed,
    judge: false,
    vcpus: 2,
    nvme: [{ namespaces: media, namespacesMost: 4, latency: choose.of(0, 0, 5000) }],
  });
  const { bdf } = enumerate(machine.port).find(({ id }) => id.class === 0x01_0802)!;
  const hands = new Hands(machine.port, bdf, barAddress(machine.port, bdf, 0)!.address);
  const model = new Model(SIZES, BLOCKS);
  const faults: string[] = [];
  hands.start();
  for (let i = 0; i < COMMANDS; i++) {
    const what = choose.below(20);
    if (what === 0) {
      hands.start();
      model.reset();
      continue;
    }
    const queue = model.queues.length > 0 && what > 7 ? choose.of(...model.queues) : 0;
    const asked = queue === 0 ? choose.admin() : choose.io();
    const expected = model.answer(queue, asked);
    const got = hands.run(queue, asked, model.placeOf(asked));
    faults.push(
      ...model.differences(asked, expected, got).map((fault) => `seed ${seed}, command ${i}: ${fault}`),
    );
    if (faults.length > 0) break;
  }
  machine.close();
  return faults;
}

test('a controller does what the standard’s state machine and an array of bytes say, whatever it is asked', () => {
  const first = commitSeed();
  const faults = Array.from({ length: SEQUENCES }, (_, i) => faultsOf((first + i) >>> 0)).flat();

  expect(faults).toEqual([]);
});
