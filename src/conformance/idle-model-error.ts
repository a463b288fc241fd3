/** A model did nothing that could be judged, so that it broke nothing: that is no success. */
export class IdleModelError extends Error {
  override readonly name = 'IdleModelError';
}
