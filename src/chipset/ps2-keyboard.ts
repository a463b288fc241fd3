import { ACK, PS2_COMMAND, Ps2Device, RESEND, SELF_TEST_PASSED } from './ps2-device.ts';

const COMMAND = {
  ...PS2_COMMAND,
  SET_LEDS: 0xed,
  ECHO: 0xee,
  SCAN_CODE_SET: 0xf0,
} as const;
const IDENTITY = [0xab, 0x83] as const;
const DEFAULT_SET = 2;

/**
 * A keyboard of 101 keys without input: it answers the commands of drivers that probe for it.
 * Source: IBM PS/2 Hardware Interface Technical Reference, Keyboard.
 */
export class Ps2Keyboard extends Ps2Device {
  private set = DEFAULT_SET;
  /** The command whose parameter comes next, or null. */
  private pending: number | null = null;

  override send(byte: number): void {
    const { pending } = this;
    this.pending = null;
    this.forgetAnswers();
    if (pending === null || byte >= COMMAND.SET_LEDS) this.command(byte);
    else this.parameter(pending, byte);
  }

  override reset(): void {
    super.reset();
    this.set = DEFAULT_SET;
    this.pending = null;
  }

  private command(byte: number): void {
    switch (byte) {
      case COMMAND.ECHO:
        this.answer(COMMAND.ECHO);
        break;
      case COMMAND.IDENTIFY:
        this.answer(ACK, ...IDENTITY);
        break;
      case COMMAND.RESEND:
        this.answerAgain();
        break;
      case COMMAND.RESET:
        this.reset();
        this.answer(ACK, SELF_TEST_PASSED);
        break;
      case COMMAND.SET_LEDS:
      case COMMAND.SCAN_CODE_SET:
      case COMMAND.SET_RATE:
        this.pending = byte;
        this.answer(ACK);
        break;
      case COMMAND.DEFAULTS:
      case COMMAND.DISABLE:
        this.set = DEFAULT_SET;
        this.answer(ACK);
        break;
      case COMMAND.ENABLE:
        this.answer(ACK);
        break;
      default:
        this.answer(RESEND);
    }
  }

  private parameter(command: number, byte: number): void {
    if (command !== COMMAND.SCAN_CODE_SET) this.answer(ACK);
    else if (byte === 0) this.answer(ACK, this.set);
    else if (byte <= 3) {
      this.set = byte;
      this.answer(ACK);
    } else this.answer(RESEND);
  }
}
