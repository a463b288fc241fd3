/** The chain that a device took last, of any queue: the event on its content comes next. */
export interface TakenChain {
  /** Some of its buffers are in a table. */
  indirect: boolean;
}
