import { describe, expect, test } from 'vitest';
import { BIT, CHARACTER, Rig } from './rig.ts';

/** Plays each step, advances by its characters, and returns RXRDY and TXRDY after it. */
function levels(rig: Rig, steps: readonly (readonly [script: string, characters: number])[]): boolean[][] {
  return steps.map(([script, characters]) => {
    rig.play(script);
    rig.characters(characters);
    return [rig.uart.dma.rxrdy, rig.uart.dma.txrdy];
  });
}

describe.each([
  ['without FIFO, where FCR.DMA counts for nothing', 'FCR=08'],
  ['with FIFO and FCR.DMA = 0', 'FCR=c1'],
])('mode 0, %s', (_which, fcr) => {
  test('RXRDY is active while there is a byte', () => {
    const rig = new Rig().open();
    rig.play(fcr);
    rig.uart.type('a');
    const [before, came, read] = levels(rig, [
      ['', 0],
      ['', 1],
      ['RBR?', 0],
    ]);
    expect([before![0], came![0], read![0]]).toEqual([false, true, false]);
  });

  test('TXRDY is active while nothing waits', () => {
    const rig = new Rig().open();
    const [before, written, moved] = levels(rig, [
      [fcr, 0],
      ['THR=41', 0],
      ['', 1],
    ]);
    expect([before![1], written![1], moved![1]]).toEqual([true, false, true]);
  });
});

describe('mode 1', () => {
  test('RXRDY is active from the trigger level until the FIFO is empty', () => {
    const rig = new Rig().open();
    rig.play('FCR=49'); // trigger 4
    rig.uart.type('abcd');
    const seen = levels(rig, [
      ['', 3],
      ['', 1],
      ['3*RBR?', 0],
      ['RBR?', 0],
    ]);
    expect(seen.map(([rxrdy]) => rxrdy)).toEqual([false, true, true, false]);
  });

  test('RXRDY is active after the timeout, too', () => {
    const rig = new Rig().open();
    rig.play('FCR=49');
    rig.uart.type('a');
    rig.characters(1);
    rig.clock.advance(4 * CHARACTER - 1);
    const before = rig.uart.dma.rxrdy;
    rig.clock.advance(1);
    expect([before, rig.uart.dma.rxrdy]).toEqual([false, true]);
  });

  test('TXRDY is inactive from a full FIFO until it is empty', () => {
    const rig = new Rig().open();
    rig.play('FCR=09');
    for (let i = 0; i < 15; i++) rig.uart.write(0, 0x41, 1); // no time passes: none has started yet
    const fifteen = rig.uart.dma.txrdy;
    rig.uart.write(0, 0x41, 1);
    const seen = levels(rig, [
      ['', 2],
      ['IIR?', 13],
      ['', 1],
    ]);
    expect([fifteen, ...seen.map(([, txrdy]) => txrdy)]).toEqual([true, false, false, true]);
  });
});

test('TXRDY does not wait for the interrupt, which is late after a single byte', () => {
  const rig = new Rig().open();
  rig.play('FCR=01 THR=44');
  const written = rig.uart.dma.txrdy;
  rig.clock.advance(BIT);
  expect([written, rig.uart.dma.txrdy]).toEqual([false, true]);
});
