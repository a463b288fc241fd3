import { COM_PORTS } from '../../src/core/places.ts';
import {
  detectUart,
  enumerate,
  GuestInterrupts,
  loopsBack,
  probeChipset,
  UartDriver,
} from '../../src/guest/index.ts';
import { type Act, anyBytes } from './player.ts';

const PATIENCE = 100_000;

/** The reference driver of serial ports. */
export const useSerial: Act = ({ port, random, world }) => {
  const base = COM_PORTS[random.below(4)]!;
  if (random.below(8) === 0) detectUart(port, base);
  if (random.below(8) === 0) loopsBack(port, base);
  const uart = new UartDriver(port, base);
  uart.open([50, 9600, 115_200][random.below(3)]!);
  if (random.below(2) === 0) uart.listen(3 + random.below(5));
  uart.write(anyBytes(random, random.below(20)));
  world.type(random.below(4), anyBytes(random, random.below(40)));
  uart.read(PATIENCE);
  uart.close();
};

/** Enumerates functions and the chipset. */
export const usePlatform: Act = ({ port, random }) => {
  const functions = enumerate(port);
  if (random.below(2) === 0) probeChipset(port, functions);
  if (random.below(4) === 0) GuestInterrupts.of(port).useIoApic();
};
