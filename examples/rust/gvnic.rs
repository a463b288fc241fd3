// SPDX-License-Identifier: MIT-0
//! Google's network card, 1ae0:0042, polled: a pair of DQO_RDA queues. docs/gvnic.md has its first hour.
#![no_std]

mod dqo;
mod gve;
mod pci;

use core::mem::size_of;
use core::ptr::{addr_of, copy_nonoverlapping, null_mut, read_volatile, write_bytes};
use dqo::{Ring, RxBuffer, RxCompletion, TxCompletion, TxDescriptor};
use gve::{Card, SECOND};
use guestrig::{allocate, wait_until};

const CONFIGURE_RESOURCES: u32 = 2;
const CREATE_TX_QUEUE: u32 = 5;
const CREATE_RX_QUEUE: u32 = 6;
const DESTROY_TX_QUEUE: u32 = 7;
const DESTROY_RX_QUEUE: u32 = 8;
const DECONFIGURE: u32 = 9;
/// The option that offers DQO_RDA, and the number of the format.
const OPTION_DQO_RDA: u32 = 4;
const DQO_RDA: u32 = 3;
/// Instead of a list of pages: descriptors have addresses.
const RAW_ADDRESSING: u32 = 0xffff_ffff;

const PAGE: usize = 4096;
/// Bytes from a block of interrupts to the next.
const STRIDE: usize = 64;
/// The card takes no shorter packet.
const LEAST: usize = 17;
const FRAME: usize = 1514;
/// Receive buffers, shown to the card by eights, and bytes of each.
const BUFFERS: usize = 64;
const BUFFER: usize = 2048;
const SHOWN: u32 = 8;
const MILLISECOND: u64 = 1_000_000;

/// The card, and a pair of its queues.
pub struct Nic {
    card: Card,
    blocks: u32,
    counters: u32,
    array: u32,
    transmit: Ring<TxDescriptor, TxCompletion>,
    receive: Ring<RxBuffer, RxCompletion>,
    outgoing: *mut u8,
    buffers: *mut u8,
    tag: u16,
}

extern "C" fn is_sent(nic: u32) -> i32 {
    unsafe { (*(nic as *mut Nic)).take_sent() as i32 }
}

extern "C" fn has_frame(nic: u32) -> i32 {
    let receive = unsafe { &(*(nic as *const Nic)).receive };
    let length = unsafe { read_volatile(addr_of!((*receive.place()).length)) };
    (length >> 14 & 1 == receive.generation()) as i32
}

impl Nic {
    /// Memory of the sizes that the card says, which may be anything. None if it has no DQO_RDA.
    fn new(card: Card) -> Option<Nic> {
        let (transmit, receive) = (card.half(gve::TX_ENTRIES), card.half(gve::RX_ENTRIES));
        let is_size = |entries: u32| entries.is_power_of_two() && entries as usize > BUFFERS;
        let counters = card.half(gve::COUNTERS);
        if !card.offers(OPTION_DQO_RDA) || !is_size(transmit) || !is_size(receive) || counters == 0 {
            return None;
        }
        Some(Nic {
            card,
            blocks: allocate(2 * STRIDE, STRIDE) as u32,
            counters,
            array: allocate(4 * counters as usize, STRIDE) as u32,
            transmit: Ring::new(transmit),
            receive: Ring::new(receive),
            outgoing: allocate(FRAME, 16),
            buffers: allocate(BUFFERS * BUFFER, PAGE),
            tag: 0,
        })
    }

    /// From a card that takes commands to one with buffers.
    fn set_up(&mut self) -> bool {
        self.transmit.clear();
        self.receive.clear();
        let resources = [0, self.array, 0, self.blocks, self.counters, 2, STRIDE as u32, 0, DQO_RDA << 24];
        if !self.card.order(CONFIGURE_RESOURCES, &resources) || !self.create() {
            return false;
        }
        for id in 0..BUFFERS {
            self.give(id as u16);
        }
        self.show();
        true
    }

    fn create(&mut self) -> bool {
        let (tx, rx) = (&self.transmit, &self.receive);
        let transmit = [
            [0, 0, 0, tx.resources as u32, 0, tx.posted as u32, RAW_ADDRESSING, 0, 0],
            [tx.completions as u32, tx.entries << 16 | tx.entries, 0, 0, 0, 0, 0, 0, 0],
        ];
        let receive = [
            [0, 0, 0, 1, 0, rx.resources as u32, 0, rx.completions as u32, 0],
            [rx.posted as u32, RAW_ADDRESSING, rx.entries << 16 | BUFFER as u32, rx.entries << 16, 0, 0, 0, 0, 0],
        ];
        self.card.order(CREATE_TX_QUEUE, transmit.as_flattened())
            && self.card.order(CREATE_RX_QUEUE, receive.as_flattened())
    }

    fn give(&mut self, id: u16) {
        let address = self.buffers.wrapping_add(id as usize * BUFFER) as u64;
        self.receive.post(RxBuffer { id, reserved: [0; 3], address, header: 0, reserved2: 0 });
    }

    fn show(&self) {
        let Ring { entries, tail, resources, .. } = self.receive;
        self.card.ring(resources, (tail - tail % SHOWN) % entries);
    }

    /// The link is up; and what the card asks for is done.
    fn is_ready(&mut self) -> bool {
        if self.card.status() & gve::RESET != 0 && !(self.card.reset() && self.card.start() && self.set_up()) {
            return false;
        }
        self.card.status() & gve::LINK_STATUS != 0
    }

    /// Whether the frame is sent. One that missed is the card's until it is injected again.
    fn take_sent(&mut self) -> bool {
        loop {
            let place = self.transmit.place();
            let kind = unsafe { read_volatile(addr_of!((*place).kind)) };
            if kind >> 15 != self.transmit.generation() {
                return false;
            }
            let tag = unsafe { read_volatile(addr_of!((*place).tag)) };
            self.transmit.next = self.transmit.next.wrapping_add(1);
            if tag == self.tag && matches!(kind >> 11 & 7, dqo::PACKET_DONE | dqo::REINJECTION) {
                return true;
            }
        }
    }
}

#[no_mangle]
pub extern "C" fn matches(vendor: u32, device: u32) -> i32 {
    (vendor == 0x1ae0 && device == 0x0042) as i32
}

/// Null if the card does not answer, or has no DQO_RDA.
#[no_mangle]
pub extern "C" fn attach(bdf: u32) -> *mut Nic {
    let mut card = Card::new(bdf);
    if !card.reset() || !card.start() {
        return null_mut();
    }
    let Some(mut nic) = Nic::new(card) else {
        return null_mut();
    };
    if !nic.set_up() {
        return null_mut();
    }
    let at = allocate(size_of::<Nic>(), 16) as *mut Nic;
    unsafe { at.write(nic) };
    at
}

/// 0, or -1 if the frame is too long or the link is down.
///
/// # Safety
/// `nic` is what `attach` returned, and `frame` points to `length` bytes.
#[no_mangle]
pub unsafe extern "C" fn send(nic: &mut Nic, frame: *const u8, length: usize) -> i32 {
    if length > FRAME || !nic.is_ready() {
        return -1;
    }
    let bytes = length.max(LEAST);
    write_bytes(nic.outgoing, 0, bytes);
    copy_nonoverlapping(frame, nic.outgoing, length);
    nic.tag = (nic.transmit.tail % nic.transmit.entries) as u16;
    let flags = dqo::PACKET | dqo::END_OF_PACKET;
    let address = nic.outgoing as u64;
    nic.transmit.post(TxDescriptor { address, flags, reserved: [0; 3], tag: nic.tag, length: bytes as u16 });
    nic.card.ring(nic.transmit.resources, nic.transmit.tail % nic.transmit.entries);
    if wait_until(is_sent, nic as *const Nic as u32, SECOND) != 0 { 0 } else { -1 }
}

/// The length of the next frame that arrives within a millisecond, or -1 if none does or there is no room for it.
///
/// # Safety
/// `nic` is what `attach` returned, and `into` points to `room` bytes.
#[no_mangle]
pub unsafe extern "C" fn receive(nic: &mut Nic, into: *mut u8, room: usize) -> i32 {
    let (mut length, mut whole) = (0, true);
    nic.is_ready();
    loop {
        if wait_until(has_frame, nic as *const Nic as u32, MILLISECOND) == 0 {
            return -1;
        }
        let place = nic.receive.place();
        let bytes = (read_volatile(addr_of!((*place).length)) & dqo::LENGTH) as usize;
        let id = read_volatile(addr_of!((*place).id));
        let status = read_volatile(addr_of!((*place).status));
        let error = read_volatile(addr_of!((*place).error));
        nic.receive.next = nic.receive.next.wrapping_add(1);
        // A card may say anything: only what was lent can hold a frame.
        let is_lent = (id as usize) < BUFFERS;
        whole &= error & dqo::DAMAGED == 0 && is_lent && bytes <= BUFFER && bytes <= room - length;
        if whole {
            let from = nic.buffers.wrapping_add(id as usize * BUFFER);
            copy_nonoverlapping(from, into.add(length), bytes);
            length += bytes;
        }
        if is_lent {
            nic.give(id);
            nic.show();
        }
        if status & dqo::LAST != 0 {
            return if whole { length as i32 } else { -1 };
        }
    }
}

/// Another driver may take the card.
#[no_mangle]
pub extern "C" fn stop(nic: &mut Nic) -> i32 {
    let given_back = nic.card.order(DESTROY_TX_QUEUE, &[0])
        && nic.card.order(DESTROY_RX_QUEUE, &[0])
        && nic.card.order(DECONFIGURE, &[]);
    if nic.card.stop() && given_back { 0 } else { -1 }
}

/// Run by `guestrig conform gvnic.wasm`.
#[no_mangle]
pub extern "C" fn run(nic: &mut Nic) -> i32 {
    let frame = [0; 60];
    unsafe { send(nic, frame.as_ptr(), frame.len()) }
}
