export const ACK = 0xfa;
export const RESEND = 0xfe;
export const SELF_TEST_PASSED = 0xaa;

/** Commands common to keyboards and mice. */
export const PS2_COMMAND = {
  IDENTIFY: 0xf2,
  SET_RATE: 0xf3,
  ENABLE: 0xf4,
  DISABLE: 0xf5,
  DEFAULTS: 0xf6,
  RESEND: 0xfe,
  RESET: 0xff,
} as const;

/** The end of a PS/2 cable: takes bytes and answers with bytes. */
export abstract class Ps2Device {
  /** Called when there is a byte to take. */
  onByte: (() => void) | null = null;
  private readonly answers: number[] = [];
  private last = 0;

  /** A byte from the host. */
  abstract send(byte: number): void;

  /** The next byte for the host, or null. */
  take(): number | null {
    const byte = this.answers.shift();
    if (byte === undefined) return null;
    this.last = byte;
    return byte;
  }

  /** Power-on state, without the self-test's answer. */
  reset(): void {
    this.answers.length = 0;
    this.last = 0;
  }

  protected answer(...bytes: number[]): void {
    this.answers.push(...bytes);
    this.onByte?.();
  }

  protected answerAgain(): void {
    this.answer(this.last);
  }

  /** Untaken bytes are dropped at the next byte from the host, so that a host that never reads fills no memory. */
  protected forgetAnswers(): void {
    this.answers.length = 0;
  }
}
