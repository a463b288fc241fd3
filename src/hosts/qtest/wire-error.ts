/** A command that cannot be done; the message is its answer behind FAIL. */
export class WireError extends Error {}
