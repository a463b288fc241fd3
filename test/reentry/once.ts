import type { QueueEvents } from '../../src/index.ts';
import type { Chain } from '../../src/virtio/queue/virtqueue.ts';

/** Checks that a device returns each chain once, and none that it did not take. */
export class Once implements QueueEvents {
  readonly wrong: string[] = [];
  private readonly chains = new Map<number, number[]>();
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  placed(): void {}
  published(): void {}
  dry(): void {}
  fault(): void {}

  taken(queue: number, { id }: Chain): void {
    const all = this.of(queue);
    if (all.includes(id)) this.wrong.push(`${this.name}: chain ${id} of queue ${queue} is taken twice`);
    all.push(id);
  }

  putBack(queue: number, count: number): void {
    const all = this.of(queue);
    all.length -= count;
  }

  used(queue: number, id: number): void {
    const all = this.of(queue);
    const at = all.indexOf(id);
    if (at < 0)
      this.wrong.push(`${this.name}: chain ${id} of queue ${queue} is given back and was not taken`);
    else all.splice(at, 1);
  }

  forgotten(queue: number): void {
    this.of(queue).length = 0;
  }

  private of(queue: number): number[] {
    const known = this.chains.get(queue) ?? [];
    this.chains.set(queue, known);
    return known;
  }
}
