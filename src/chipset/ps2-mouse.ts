import { ACK, PS2_COMMAND, Ps2Device, RESEND, SELF_TEST_PASSED } from './ps2-device.ts';

const COMMAND = {
  ...PS2_COMMAND,
  SCALING_1: 0xe6,
  SCALING_2: 0xe7,
  SET_RESOLUTION: 0xe8,
  STATUS: 0xe9,
  STREAM: 0xea,
  READ: 0xeb,
  LEAVE_WRAP: 0xec,
  WRAP: 0xee,
  REMOTE: 0xf0,
} as const;
/** Bits of the first byte of STATUS. */
const [REMOTE, ENABLED, SCALED] = [0x40, 0x20, 0x10];
/** First byte of a movement: bit 3 is always set, nothing moved. */
const STILL = [0x08, 0, 0] as const;
const IDENTITY = { plain: 0, wheel: 3, explorer: 4 } as const;
/** Sequences of sample rates after which a mouse with a wheel, and then one with five buttons, identifies itself. */
const KNOCKS = [
  { rates: [200, 100, 80], from: IDENTITY.plain, to: IDENTITY.wheel },
  { rates: [200, 200, 80], from: IDENTITY.wheel, to: IDENTITY.explorer },
] as const;

/**
 * A mouse with a wheel and five buttons, without input: an ImExPS/2, as Linux on Compute Engine found one.
 * Source: IBM PS/2 Hardware Interface Technical Reference, Mouse; Microsoft's knocks for wheel and buttons.
 */
export class Ps2Mouse extends Ps2Device {
  private identity: number = IDENTITY.plain;
  private mode = 0;
  private resolution = 2;
  private rate = 100;
  private rates: number[] = [];
  private wraps = false;
  private pending: number | null = null;

  override send(byte: number): void {
    const { pending } = this;
    this.pending = null;
    this.forgetAnswers();
    if (this.wraps && byte !== COMMAND.RESET && byte !== COMMAND.LEAVE_WRAP) this.answer(byte);
    else if (pending !== null) this.parameter(pending, byte);
    else this.command(byte);
  }

  override reset(): void {
    super.reset();
    this.identity = IDENTITY.plain;
    this.rates = [];
    this.wraps = false;
    this.pending = null;
    this.setDefaults();
  }

  private setDefaults(): void {
    this.mode = 0;
    this.resolution = 2;
    this.rate = 100;
  }

  private command(byte: number): void {
    switch (byte) {
      case COMMAND.STATUS:
        this.answer(ACK, this.mode, this.resolution, this.rate);
        return;
      case COMMAND.READ:
        this.answer(ACK, ...STILL);
        if (this.identity !== IDENTITY.plain) this.answer(0);
        return;
      case COMMAND.IDENTIFY:
        this.answer(ACK, this.identity);
        return;
      case COMMAND.RESEND:
        this.answerAgain();
        return;
      case COMMAND.RESET:
        this.reset();
        this.answer(ACK, SELF_TEST_PASSED, this.identity);
        return;
      case COMMAND.SET_RESOLUTION:
      case COMMAND.SET_RATE:
        this.pending = byte;
        this.answer(ACK);
        return;
      default:
        this.answer(this.setMode(byte) ? ACK : RESEND);
    }
  }

  /** Whether it was a command. */
  private setMode(byte: number): boolean {
    const bits: Readonly<Record<number, readonly [clear: number, set: number]>> = {
      [COMMAND.SCALING_1]: [SCALED, 0],
      [COMMAND.SCALING_2]: [0, SCALED],
      [COMMAND.STREAM]: [REMOTE, 0],
      [COMMAND.REMOTE]: [0, REMOTE],
      [COMMAND.ENABLE]: [0, ENABLED],
      [COMMAND.DISABLE]: [ENABLED, 0],
      [COMMAND.LEAVE_WRAP]: [0, 0],
      [COMMAND.WRAP]: [0, 0],
      [COMMAND.DEFAULTS]: [0, 0],
    };
    const change = bits[byte];
    if (change === undefined) return false;
    this.mode = (this.mode & ~change[0]) | change[1];
    if (byte === COMMAND.WRAP || byte === COMMAND.LEAVE_WRAP) this.wraps = byte === COMMAND.WRAP;
    if (byte === COMMAND.DEFAULTS) this.setDefaults();
    return true;
  }

  private parameter(command: number, byte: number): void {
    if (command === COMMAND.SET_RESOLUTION) this.resolution = byte;
    else {
      this.rate = byte;
      this.rates = [...this.rates.slice(-2), byte];
      const knock = KNOCKS.find(({ rates }) => rates.join() === this.rates.join());
      if (knock?.from === this.identity) this.identity = knock.to;
    }
    this.answer(ACK);
  }
}
