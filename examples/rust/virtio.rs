// SPDX-License-Identifier: MIT-0
//! A legacy virtio function on PCI, and polled split virtqueues of it: virtio 1.4, 4.1 and 2.7.

use core::ptr::{addr_of, addr_of_mut, read_volatile, write_volatile};
use core::sync::atomic::{compiler_fence, Ordering};
use crate::pci;
use guestrig::{allocate, in16, in32, in8, out16, out32, out8, wait_until};

// virtio 1.4, 4.1.4.8: the legacy registers.
const DEVICE_FEATURES: u32 = 0;
const DRIVER_FEATURES: u32 = 4;
const QUEUE_ADDRESS: u32 = 8;
const QUEUE_SIZE: u32 = 12;
const QUEUE_SELECT: u32 = 14;
const QUEUE_NOTIFY: u32 = 16;
const STATUS: u32 = 18;
const ACKNOWLEDGE: u32 = 1;
const DRIVER: u32 = 2;
const DRIVER_OK: u32 = 4;
const NO_INTERRUPT: u16 = 1;
const PAGE: usize = 4096;

pub const SECOND: u64 = 1_000_000_000;
pub const READ: u16 = 0;
pub const WRITE: u16 = 2;
const NEXT: u16 = 1;

/// A function of PCI, reset, with ACKNOWLEDGE and DRIVER set.
#[derive(Clone, Copy)]
pub struct Function {
    bdf: u32,
    base: u32,
}

extern "C" fn is_reset(base: u32) -> i32 {
    (in8(base + STATUS) == 0) as i32
}

impl Function {
    /// None if it does not answer.
    pub fn start(bdf: u32) -> Option<Function> {
        pci::enable(bdf);
        let base = pci::base(bdf, 0);
        out8(base + STATUS, 0);
        if wait_until(is_reset, base, SECOND) == 0 {
            return None;
        }
        out8(base + STATUS, ACKNOWLEDGE);
        out8(base + STATUS, ACKNOWLEDGE | DRIVER);
        Some(Function { bdf, base })
    }

    /// Accepts these features, if they are offered.
    pub fn features(&self, wanted: u32) {
        out32(self.base + DRIVER_FEATURES, in32(self.base + DEVICE_FEATURES) & wanted);
    }

    pub fn ready(&self) {
        out8(self.base + STATUS, ACKNOWLEDGE | DRIVER | DRIVER_OK);
    }

    /// The function is reset, and no longer accesses memory.
    pub fn stop(&self) {
        out8(self.base + STATUS, 0);
        wait_until(is_reset, self.base, SECOND);
        pci::disable(self.bdf);
    }
}

#[repr(C)]
struct Desc {
    address: u64,
    length: u32,
    flags: u16,
    next: u16,
}

#[repr(C)]
struct Avail {
    flags: u16,
    index: u16,
    ring: [u16; 0],
}

#[repr(C)]
struct Element {
    id: u32,
    length: u32,
}

#[repr(C)]
struct Used {
    flags: u16,
    index: u16,
    ring: [Element; 0],
}

/// Bytes that the device reads or, with WRITE, writes.
pub struct Piece {
    pub at: *mut u8,
    pub length: usize,
    pub access: u16,
}

/// One chain of buffers at a time.
pub struct Queue {
    base: u32,
    number: u16,
    size: u16,
    added: u16,
    desc: *mut Desc,
    avail: *mut Avail,
    used: *const Used,
}

impl Queue {
    pub fn new(function: Function, number: u16) -> Option<Queue> {
        let base = function.base;
        out16(base + QUEUE_SELECT, number as u32);
        let size = in16(base + QUEUE_SIZE) as usize;
        if size == 0 {
            return None;
        }
        let used = (18 * size + 6).next_multiple_of(PAGE);
        let ring = allocate(used + 8 * size + 6, PAGE);
        out32(base + QUEUE_ADDRESS, (ring as usize / PAGE) as u32);
        let avail = ring.wrapping_add(16 * size) as *mut Avail;
        unsafe { write_volatile(addr_of_mut!((*avail).flags), NO_INTERRUPT) };
        Some(Queue {
            base,
            number,
            size: size as u16,
            added: 0,
            desc: ring as *mut Desc,
            avail,
            used: ring.wrapping_add(used) as *const Used,
        })
    }

    /// Makes a chain of these available.
    pub fn offer(&mut self, pieces: &[Piece]) {
        for (i, piece) in pieces.iter().enumerate() {
            let more = if i + 1 < pieces.len() { NEXT } else { 0 };
            let desc = Desc {
                address: piece.at as u64,
                length: piece.length as u32,
                flags: piece.access | more,
                next: i as u16 + 1,
            };
            unsafe { write_volatile(self.desc.add(i), desc) };
        }
        let slot = (self.added % self.size) as usize;
        unsafe { write_volatile((addr_of_mut!((*self.avail).ring) as *mut u16).add(slot), 0) };
        self.added = self.added.wrapping_add(1);
        compiler_fence(Ordering::SeqCst);
        unsafe { write_volatile(addr_of_mut!((*self.avail).index), self.added) };
        compiler_fence(Ordering::SeqCst);
        out16(self.base + QUEUE_NOTIFY, self.number as u32);
    }

    /// Whether the device is done with what it was offered.
    pub fn is_done(&self) -> bool {
        unsafe { read_volatile(addr_of!((*self.used).index)) == self.added }
    }

    /// Waits for that; false if it takes too long.
    pub fn wait(&self) -> bool {
        extern "C" fn is_done(queue: u32) -> i32 {
            unsafe { (*(queue as *const Queue)).is_done() as i32 }
        }
        wait_until(is_done, self as *const Queue as u32, SECOND) != 0
    }

    /// How many bytes it wrote.
    pub fn written(&self) -> usize {
        let slot = (self.added.wrapping_sub(1) % self.size) as usize;
        let ring = unsafe { addr_of!((*self.used).ring) as *const Element };
        unsafe { read_volatile(addr_of!((*ring.add(slot)).length)) as usize }
    }
}
