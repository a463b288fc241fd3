//! rust-vmm's virtio-queue as its users use it: `pop_descriptor_chain`, a walk by the chain's iterator, `add_used`.
//! Reads orders (see bench/virtqueue/order.ts) from its input, a line each; split rings only, as the crate has them.

use std::io::{stdin, BufRead};
use std::num::Wrapping;
use std::sync::atomic::Ordering;
use virtio_queue::{Queue, QueueT};
use vm_memory::{Bytes, GuestAddress, GuestMemoryMmap};

type Memory = GuestMemoryMmap<()>;

const RAM_BYTES: usize = 2 << 20;

struct Order {
    image: String,
    desc: u32,
    driver: u32,
    device: u32,
    size: u16,
    event_idx: bool,
    copy: bool,
    batch: u16,
    repeats: u32,
}

fn parse(line: &str) -> Order {
    let mut words = line.split(' ');
    let image = words.next().expect("an image").to_string();
    let n: Vec<u32> = words.map(|word| word.parse().expect("a number")).collect();
    Order {
        image,
        desc: n[1],
        driver: n[2],
        device: n[3],
        size: n[6] as u16,
        event_idx: n[11] == 1,
        copy: n[13] == 1,
        batch: n[16] as u16,
        repeats: n[17],
    }
}

struct Tally {
    chains: u64,
    bytes: u64,
}

fn set_up(memory: &Memory, order: &Order) -> Queue {
    let image = std::fs::read(&order.image).expect("the image");
    memory.write_slice(&image, GuestAddress(0)).expect("RAM");
    let mut queue = Queue::new(order.size).expect("a power of two");
    queue.set_size(order.size);
    queue.set_desc_table_address(Some(order.desc), Some(0));
    queue.set_avail_ring_address(Some(order.driver), Some(0));
    queue.set_used_ring_address(Some(order.device), Some(0));
    queue.set_event_idx(order.event_idx);
    queue.set_ready(true);
    assert!(queue.is_valid(memory));
    queue
}

/// Takes all chains there are; `COPY` gathers readable bytes into `host` and fills writable ones from it.
#[inline(always)]
fn use_all<const COPY: bool>(queue: &mut Queue, memory: &Memory, host: &mut [u8], tally: &mut Tally) {
    while let Some(chain) = queue.pop_descriptor_chain(memory) {
        let head = chain.head_index();
        let (mut read, mut written) = (0usize, 0usize);
        for descriptor in chain {
            let len = descriptor.len() as usize;
            if descriptor.is_write_only() {
                if COPY {
                    memory.write_slice(&host[written..written + len], descriptor.addr()).expect("RAM");
                }
                written += len;
            } else {
                if COPY {
                    memory.read_slice(&mut host[read..read + len], descriptor.addr()).expect("RAM");
                }
                read += len;
            }
        }
        tally.chains += 1;
        tally.bytes += (read + written) as u64;
        queue.add_used(memory, head, written as u32).expect("a used ring");
    }
}

fn run<const COPY: bool>(queue: &mut Queue, memory: &Memory, order: &Order, host: &mut [u8]) -> Tally {
    let mut tally = Tally { chains: 0, bytes: 0 };
    let mut idx = Wrapping(0u16);
    let avail_idx = GuestAddress(u64::from(order.driver) + 2);
    for _ in 0..order.repeats {
        idx += order.batch;
        memory.store(idx.0, avail_idx, Ordering::Release).expect("RAM");
        loop {
            use_all::<COPY>(queue, memory, host, &mut tally);
            if !order.event_idx || !queue.enable_notification(memory).expect("RAM") {
                break;
            }
        }
        std::hint::black_box(queue.needs_notification(memory).expect("RAM"));
    }
    tally
}

fn cpu_ns() -> u64 {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `t` outlives the call, which writes it and nothing else.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut t) };
    t.tv_sec as u64 * 1_000_000_000 + t.tv_nsec as u64
}

fn main() {
    let memory: Memory = Memory::from_ranges(&[(GuestAddress(0), RAM_BYTES)]).expect("RAM");
    let mut host = vec![0x5au8; 0x10000];
    println!("ready rust-vmm virtio-queue {}", env!("VIRTIO_QUEUE_VERSION"));
    for line in stdin().lock().lines() {
        let order = parse(&line.expect("a line"));
        let mut queue = set_up(&memory, &order);
        let before = cpu_ns();
        let tally = match order.copy {
            true => run::<true>(&mut queue, &memory, &order, &mut host),
            false => run::<false>(&mut queue, &memory, &order, &mut host),
        };
        println!("{} {} {} -1", cpu_ns() - before, tally.chains, tally.bytes);
    }
}
