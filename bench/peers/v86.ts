import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { loadImage } from '../virtqueue/image.ts';
import { answerOrders, type Order, type Outcome } from '../virtqueue/order.ts';
import { measure, type Tally } from '../virtqueue/stopwatch.ts';

/** The parts of a live instance that are used; none of them is in the package's own types. */
interface Request {
  readonly length_readable: number;
  readonly length_writable: number;
  get_next_blob(into: Uint8Array): number;
  set_next_blob(from: Uint8Array): number;
}
interface Queue {
  size_supported: number;
  desc_addr: number;
  avail_addr: number;
  used_addr: number;
  reset(): void;
  has_request(): boolean;
  pop_request(): Request;
  push_reply(request: Request): void;
  flush_replies(): void;
}
interface Cpu {
  readonly mem8: Uint8Array;
  readonly wasm_memory: WebAssembly.Memory;
  readonly devices: { virtio_console: { virtio: { queues: Queue[]; driver_feature: Uint32Array } } };
}
interface Instance {
  readonly v86: { readonly cpu: Cpu };
  add_listener(event: string, listener: () => void): void;
}
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
}

const INDIRECT_DESC = 1 << 28;
const EVENT_IDX = 1 << 29;

function start(path: string, wasm: string): Promise<Cpu> {
  return import(pathToFileURL(path).href).then(
    ({ V86 }) =>
      new Promise((resolve) => {
        const options = {
          wasm_path: wasm,
          memory_size: 32 << 20,
          virtio_console: true,
          autostart: false,
          net_device: { type: 'none' },
        };
        const emulator: Instance = new V86(options);
        emulator.add_listener('emulator-loaded', () => resolve(emulator.v86.cpu));
      }),
  );
}

function walk(queue: Queue, offer: () => void, repeats: number): Tally {
  let chains = 0;
  let bytes = 0;
  for (let i = 0; i < repeats; i++) {
    offer();
    while (queue.has_request()) {
      const request = queue.pop_request();
      chains++;
      bytes += request.length_readable + request.length_writable;
      queue.push_reply(request);
    }
    queue.flush_replies();
  }
  return { chains, bytes };
}

/** Like its own devices: a fresh buffer for each read. */
function copy(queue: Queue, offer: () => void, repeats: number, answer: Uint8Array): Tally {
  let chains = 0;
  let bytes = 0;
  for (let i = 0; i < repeats; i++) {
    offer();
    while (queue.has_request()) {
      const request = queue.pop_request();
      chains++;
      bytes += request.get_next_blob(new Uint8Array(request.length_readable));
      bytes += request.set_next_blob(answer);
      queue.push_reply(request);
    }
    queue.flush_replies();
  }
  return { chains, bytes };
}

const require = createRequire(`${process.cwd()}/`);
const library = require.resolve('v86');
const { version } = require('v86/package.json') as { version: string };
const cpu = await start(library, library.replace(/libv86\.m?js$/, 'v86.wasm'));
const ram = new Uint8Array(cpu.wasm_memory.buffer, cpu.mem8.byteOffset, cpu.mem8.length);
const halves = new Uint16Array(ram.buffer, ram.byteOffset, ram.length >> 1);
const { virtio } = cpu.devices.virtio_console;
const queue = virtio.queues[0]!;
const given = new Uint8Array(0x1_0000).fill(0x5a);

function carryOut(order: Order): Outcome {
  loadImage(order.image, ram);
  queue.size_supported = order.size;
  queue.reset();
  queue.desc_addr = order.desc;
  queue.avail_addr = order.driver;
  queue.used_addr = order.device;
  virtio.driver_feature[0] = (order.indirect && INDIRECT_DESC) | (order.eventIdx && EVENT_IDX);
  const idxAt = (order.driver >> 1) + 1;
  const offer = () => {
    halves[idxAt] = halves[idxAt]! + order.batch;
  };
  const answer = given.subarray(0, order.answer);
  return order.copy === 0
    ? measure(order, (repeats) => walk(queue, offer, repeats))
    : measure(order, (repeats) => copy(queue, offer, repeats, answer));
}

answerOrders(`v86 ${version}`, carryOut);
