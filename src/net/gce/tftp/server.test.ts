import { describe, expect, test } from 'vitest';
import { datagramIn } from '../../stack/datagram.ts';
import { messageIn } from '../../stack/udp.ts';
import { Guest } from '../guest-rig.ts';
import { gceNetwork } from '../network.ts';

const FILE = Uint8Array.from({ length: 1100 }, (_, i) => i);
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');
const request = (...words: string[]) =>
  Uint8Array.of(0, 1, ...Buffer.from(words.map((word) => `${word}\0`).join('')));

/** A guest that asked for a file. */
class Client {
  readonly guest: Guest;

  constructor(file: Uint8Array, ...words: string[]) {
    const network = gceNetwork();
    network.tftp('boot/kernel', file);
    this.guest = new Guest(network);
    this.guest.ask('169.254.169.254', 69, request(...words));
  }

  /** Bytes of the last packet. */
  get last(): Uint8Array {
    return this.guest.messages(0).at(-1)!;
  }

  acknowledge(block: number): void {
    const { from } = messageIn(datagramIn(this.guest.frames.at(-1)!)!)!;
    this.guest.ask('169.254.169.254', from.port, Uint8Array.of(0, 4, block >> 8, block));
  }

  /** All blocks, each acknowledged once. */
  fetch(): Uint8Array[] {
    const blocks: Uint8Array[] = [];
    for (let block = 1; blocks.at(-1)?.length !== 0 && blocks.length < 200; block++) {
      const before = this.guest.frames.length;
      blocks.push(this.last.subarray(4));
      this.acknowledge(block);
      if (this.guest.frames.length === before) break;
    }
    return blocks;
  }
}

describe('a file', () => {
  test('comes block by block, the last one shorter', () => {
    const blocks = new Client(FILE, 'boot/kernel', 'octet').fetch();
    expect([blocks.map(({ length }) => length), Buffer.concat(blocks).equals(FILE)]).toEqual([
      [512, 512, 76],
      true,
    ]);
  });

  test('of whole blocks ends with an empty one', () => {
    const blocks = new Client(FILE.subarray(0, 1024), '/boot/kernel', 'OCTET').fetch();
    expect(blocks.map(({ length }) => length)).toEqual([512, 512, 0]);
  });

  test('comes in longer blocks, with its size, if requested', () => {
    const client = new Client(
      FILE,
      'boot/kernel',
      'octet',
      'tsize',
      '0',
      'blksize',
      '1024',
      'windowsize',
      '4',
    );
    const agreed = Buffer.from(client.last).toString('latin1');
    client.acknowledge(0);
    expect([agreed, client.last.length]).toEqual(['\0\x06blksize\0' + '1024\0tsize\0' + '1100\0', 4 + 1024]);
  });

  test('comes only in blocks that fit into a frame', () => {
    const client = new Client(FILE, 'boot/kernel', 'octet', 'blksize', '65464');
    // An MTU of 1460 minus 20 bytes of IPv4, 8 of UDP and 4 of TFTP.
    expect(Buffer.from(client.last).toString('latin1')).toBe('\0\x06blksize\0' + '1428\0');
  });

  test('is sent again without an acknowledgment, and finally given up', () => {
    const client = new Client(FILE, 'boot/kernel', 'octet');
    client.guest.pass(100);
    const count = client.guest.messages(0).length;
    client.acknowledge(1);
    expect([count, client.guest.messages(0).length]).toEqual([10, 10]);
  });

  test('goes on when the block is acknowledged, and not for an earlier one', () => {
    const client = new Client(FILE, 'boot/kernel', 'octet');
    client.acknowledge(1);
    client.acknowledge(1);
    expect([hex(client.last.subarray(0, 4)), client.guest.messages(0).length]).toEqual(['00030002', 2]);
  });

  test('that is not there, or is wanted as text, is refused', () => {
    const answers = [new Client(FILE, 'other', 'octet'), new Client(FILE, 'boot/kernel', 'netascii')];
    expect(answers.map(({ last }) => hex(last.subarray(0, 4)))).toEqual(['00050001', '00050004']);
  });
});
