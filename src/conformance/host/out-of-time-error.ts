/** A driver used up its virtual time before it was done. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
}
