/** What no machine is asked: a driver that was told nonsense went on with it. It gives up. */
export class DriverMistake extends Error {
  override readonly name = 'DriverMistake';
}
