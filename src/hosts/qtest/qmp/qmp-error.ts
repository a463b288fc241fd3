/** What QEMU calls the kinds of refusal that there are. */
type ErrorClass = 'GenericError' | 'CommandNotFound' | 'DeviceNotFound';

/** A command that is refused; the message is its description. */
export class QmpError extends Error {
  readonly class: ErrorClass;

  constructor(description: string, kind: ErrorClass = 'GenericError') {
    super(description);
    this.class = kind;
  }
}
