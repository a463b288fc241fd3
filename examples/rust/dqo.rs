// SPDX-License-Identifier: MIT-0
//! Rings of the format DQO_RDA: what a driver posts, and what the device completes. All of it is little-endian.

use core::mem::size_of;
use core::ptr::{write_bytes, write_volatile};
use guestrig::allocate;

const PAGE: usize = 4096;
/// Bytes of a queue's resources.
const RESOURCES: usize = 64;

/// Flags of a transmit descriptor.
pub const PACKET: u8 = 0x0c;
pub const END_OF_PACKET: u8 = 0x20;
/// Kinds of its completion.
pub const PACKET_DONE: u16 = 2;
pub const REINJECTION: u16 = 3;
/// Of what was received: the last buffer of a packet, a damaged packet, bits of its length.
pub const LAST: u8 = 2;
pub const DAMAGED: u8 = 4;
pub const LENGTH: u16 = 0x3fff;

#[repr(C)]
pub struct TxDescriptor {
    pub address: u64,
    pub flags: u8,
    pub reserved: [u8; 3],
    pub tag: u16,
    pub length: u16,
}

#[repr(C)]
pub struct TxCompletion {
    pub kind: u16,
    pub tag: u16,
    pub reserved: u32,
}

#[repr(C)]
pub struct RxBuffer {
    pub id: u16,
    pub reserved: [u16; 3],
    pub address: u64,
    pub header: u64,
    pub reserved2: u64,
}

#[repr(C)]
pub struct RxCompletion {
    pub kind: u8,
    pub error: u8,
    pub ptype: u16,
    pub length: u16,
    pub header: u16,
    pub status: u8,
    pub rest: [u8; 3],
    pub id: u16,
    pub segment: u16,
    pub hash: u32,
    pub more: [u32; 3],
}

/// A ring of what is posted, one of completions, and the driver's place in that: on each lap it expects the other generation.
pub struct Ring<Posted, Completion> {
    pub entries: u32,
    pub posted: *mut Posted,
    pub completions: *mut Completion,
    /// The device writes the index of the doorbell, big-endian.
    pub resources: *const u32,
    pub tail: u32,
    pub next: u32,
}

impl<Posted, Completion> Ring<Posted, Completion> {
    pub fn new(entries: u32) -> Self {
        Ring {
            entries,
            posted: allocate(entries as usize * size_of::<Posted>(), PAGE) as *mut Posted,
            completions: allocate(entries as usize * size_of::<Completion>(), PAGE) as *mut Completion,
            resources: allocate(RESOURCES, RESOURCES) as *const u32,
            tail: 0,
            next: 0,
        }
    }

    /// What an earlier queue left there looks like something new.
    pub fn clear(&mut self) {
        (self.tail, self.next) = (0, 0);
        unsafe { write_bytes(self.completions, 0, self.entries as usize) };
    }

    pub fn post(&mut self, descriptor: Posted) {
        unsafe { write_volatile(self.posted.add((self.tail % self.entries) as usize), descriptor) };
        self.tail = self.tail.wrapping_add(1);
    }

    /// Where the next completion is.
    pub fn place(&self) -> *const Completion {
        unsafe { self.completions.add((self.next % self.entries) as usize) }
    }

    /// Its generation bit.
    pub fn generation(&self) -> u16 {
        (self.next / self.entries % 2 == 0) as u16
    }
}
