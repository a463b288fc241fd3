/** A model did nothing that could be judged, so it broke nothing: that is not a success. */
export class IdleModelError extends Error {
  override readonly name = 'IdleModelError';
}
