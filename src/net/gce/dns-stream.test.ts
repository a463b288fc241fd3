import { describe, expect, test } from 'vitest';
import { Guest, SERVER } from './guest-rig.ts';
import { nameBytes } from './name.ts';
import { gceNetwork } from './network.ts';

const DNS = 53;
const ADDRESS = [10, 0, 0, 5];
const query = (name: string, id: number) =>
  Uint8Array.of(0, id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...nameBytes(name), 0, 1, 0, 1);
const framed = (bytes: Uint8Array) => Uint8Array.of(bytes.length >> 8, bytes.length, ...bytes);

/** A guest's TCP connection to the DNS server, and the bytes that come back. */
function connected() {
  const guest = new Guest(gceNetwork({ hosts: { 'files.example': '10.0.0.5' } }));
  const socket = guest.connect(SERVER, DNS);
  const heard: number[] = [];
  let end = '';
  socket.onData = (bytes) => heard.push(...bytes);
  socket.onClose = (why) => {
    end = why;
  };
  return { guest, socket, heard, end: () => end };
}

/** The ids of answers and the addresses at their ends, from length-prefixed messages. */
function answers(heard: readonly number[]): { id: number; address: number[] }[] {
  const found: { id: number; address: number[] }[] = [];
  for (let at = 0; at < heard.length; ) {
    const end = at + 2 + heard[at]! * 256 + heard[at + 1]!;
    found.push({ id: heard[at + 3]!, address: heard.slice(end - 4, end) });
    at = end;
  }
  return found;
}

describe('DNS over TCP', () => {
  test('answers queries one after the other, however they are cut', () => {
    const { guest, socket, heard, end } = connected();
    const asked = [...framed(query('files.example', 1)), ...framed(query('FILES.example', 2))];
    for (const cut of [1, 5, asked.length - 3]) {
      socket.write(Uint8Array.from(asked.slice(0, cut)));
      asked.splice(0, cut);
      guest.pass(1);
    }
    socket.write(Uint8Array.from(asked));
    guest.pass(1);
    const open = end();
    socket.end();
    guest.pass(10);
    expect(answers(heard)).toEqual([
      { id: 1, address: ADDRESS },
      { id: 2, address: ADDRESS },
    ]);
    expect([open, end()]).toEqual(['', 'closed']);
  });

  test('ends the connection after an invalid query', () => {
    const { guest, socket, end } = connected();
    socket.write(framed(new Uint8Array(5)));
    guest.pass(1);
    expect(end()).toBe('reset');
  });

  test('is served at no other address', () => {
    const guest = new Guest(gceNetwork());
    expect(guest.open('10.9.8.7', DNS, 'x')).toMatchObject({ text: '' });
    guest.pass(1);
    expect(guest.open('10.9.8.7', DNS, 'x').text).toBe('');
  });
});
