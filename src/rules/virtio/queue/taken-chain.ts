/** The chain that a device took last, of whatever queue: what is told of its content comes next. */
export interface TakenChain {
  /** Some of its buffers stand in a table. */
  indirect: boolean;
}
