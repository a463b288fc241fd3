// SPDX-License-Identifier: MIT-0
//! The registers of an NVMe controller, and a pair of its queues. All of it is little-endian.

use crate::pci;
use core::ptr::{addr_of, read_volatile, write_bytes, write_volatile};
use core::sync::atomic::{compiler_fence, Ordering};
use guestrig::{allocate, read32, wait_until, write32};

/// Of the 64 bits of base address 0, the upper.
const BAR1: u32 = 0x14;

const CAP: u32 = 0x00;
const CAP_UPPER: u32 = 0x04;
const CC: u32 = 0x14;
const CSTS: u32 = 0x1c;
const AQA: u32 = 0x24;
const ASQ: u32 = 0x28;
const ACQ: u32 = 0x30;
const DOORBELLS: u32 = 0x1000;

const ENABLE: u32 = 1;
/// Entries of 64 and of 16 bytes.
const ENTRIES: u32 = 6 << 16 | 4 << 20;
const SHUTDOWN: u32 = 1 << 14;
const SHUTDOWN_BITS: u32 = 3 << 14;
const READY: u32 = 1;
const FATAL: u32 = 2;
const SHUTDOWN_STATUS: u32 = 3 << 2;
const SHUTDOWN_DONE: u32 = 2 << 2;

pub const PAGE: usize = 4096;
/// Entries of each queue, as few as every controller takes: one command is outstanding at a time.
pub const SIZE: u32 = 2;
pub const WORDS: usize = 16;
const HALF_SECOND: u64 = 500_000_000;
const TIMEOUT: u64 = 5_000_000_000;

#[repr(C)]
struct Completion {
    result: u32,
    reserved: u32,
    head: u16,
    queue: u16,
    id: u16,
    status: u16,
}

/// A submission and a completion queue.
pub struct Queue {
    pub commands: *mut [u32; WORDS],
    completions: *mut Completion,
    number: u32,
    tail: u32,
    head: u32,
    phase: u16,
    id: u16,
}

extern "C" fn is_done(queue: u32) -> i32 {
    let queue = unsafe { &*(queue as *const Queue) };
    (queue.status() & 1 == queue.phase) as i32
}

impl Queue {
    pub fn new(number: u32) -> Queue {
        let (commands, completions) = (allocate(PAGE, PAGE), allocate(PAGE, PAGE) as *mut Completion);
        Queue { commands: commands as _, completions, number, tail: 0, head: 0, phase: 1, id: 0 }
    }

    /// What an earlier controller left there looks like something new.
    pub fn clear(&mut self) {
        (self.tail, self.head, self.phase) = (0, 0, 1);
        unsafe { write_bytes(self.completions, 0, SIZE as usize) };
    }

    pub fn completions(&self) -> u32 {
        self.completions as u32
    }

    fn place(&self) -> *const Completion {
        self.completions.wrapping_add(self.head as usize)
    }

    fn status(&self) -> u16 {
        unsafe { read_volatile(addr_of!((*self.place()).status)) }
    }

    /// Puts a command into its place, which its doorbell then tells.
    fn put(&mut self, mut command: [u32; WORDS]) {
        // No number is all ones: that means no command.
        self.id = (self.id + 1) & 0x7fff;
        command[0] |= (self.id as u32) << 16;
        unsafe { write_volatile(self.commands.add(self.tail as usize), command) };
        self.tail = (self.tail + 1) % SIZE;
        compiler_fence(Ordering::SeqCst);
    }

    /// Takes a completion; whether it is of the last command, and that succeeded.
    fn take(&mut self) -> bool {
        let (status, id) = (self.status(), unsafe { read_volatile(addr_of!((*self.place()).id)) });
        self.head = (self.head + 1) % SIZE;
        if self.head == 0 {
            self.phase ^= 1;
        }
        status >> 1 == 0 && id == self.id
    }
}

/// A controller whose registers are at hand.
pub struct Controller {
    bdf: u32,
    registers: u32,
    stride: u32,
    timeout: u64,
    /// What CSTS must say, of which bits.
    wanted: u32,
    mask: u32,
    /// A command did not end, and the controller was reset.
    lost: bool,
}

extern "C" fn is_as_wanted(controller: u32) -> i32 {
    let controller = unsafe { &*(controller as *const Controller) };
    let status = controller.get(CSTS);
    (status & controller.mask == controller.wanted || status & FATAL != 0) as i32
}

impl Controller {
    /// None if its registers are where 32 bits do not lead.
    pub fn new(bdf: u32) -> Option<Controller> {
        let (registers, upper) = (pci::base(bdf, 0), pci::read(bdf, BAR1));
        if upper != 0 {
            return None;
        }
        pci::enable(bdf);
        let timeout = ((read32(registers + CAP) >> 24) as u64 + 1) * HALF_SECOND;
        let stride = 4 << (read32(registers + CAP_UPPER) & 15);
        Some(Controller { bdf, registers, stride, timeout, wanted: 0, mask: 0, lost: false })
    }

    fn get(&self, register: u32) -> u32 {
        read32(self.registers + register)
    }

    fn put(&self, register: u32, value: u32) {
        write32(self.registers + register, value);
    }

    /// False if time is over, and if the controller has failed.
    fn becomes(&mut self, mask: u32, wanted: u32) -> bool {
        (self.mask, self.wanted) = (mask, wanted);
        let came = wait_until(is_as_wanted, self as *const Controller as u32, self.timeout) != 0;
        came && self.get(CSTS) & mask == wanted
    }

    /// Runs with this admin queue, whatever another driver left.
    pub fn start(&mut self, admin: &mut Queue) -> bool {
        // One that has failed is reset, too.
        if self.get(CC) & ENABLE != 0 && !self.becomes(READY, READY) && self.get(CSTS) & FATAL == 0 {
            return false;
        }
        self.put(CC, 0);
        if !self.becomes(READY, 0) {
            return false;
        }
        admin.clear();
        self.put(AQA, (SIZE - 1) << 16 | (SIZE - 1));
        for (register, address) in [(ASQ, admin.commands as u32), (ACQ, admin.completions())] {
            self.put(register, address);
            self.put(register + 4, 0);
        }
        self.put(CC, ENTRIES | ENABLE);
        self.becomes(READY, READY)
    }

    /// It has written what it has, and accesses no memory.
    pub fn stop(&mut self) -> bool {
        let mut ended = false;
        // One that was reset has nothing to shut down.
        if !self.lost {
            self.put(CC, (self.get(CC) & !SHUTDOWN_BITS) | SHUTDOWN);
            ended = self.becomes(SHUTDOWN_STATUS, SHUTDOWN_DONE);
            self.put(CC, 0);
        }
        let stopped = self.becomes(READY, 0);
        pci::disable(self.bdf);
        ended && stopped
    }

    /// Whether a command succeeded.
    pub fn run(&mut self, queue: &mut Queue, command: [u32; WORDS]) -> bool {
        if self.lost {
            return false;
        }
        let doorbell = DOORBELLS + 2 * queue.number * self.stride;
        queue.put(command);
        self.put(doorbell, queue.tail);
        if wait_until(is_done, queue as *const Queue as u32, TIMEOUT) == 0 {
            // Until it is reset, the controller may use the memory of the command.
            self.put(CC, 0);
            self.becomes(READY, 0);
            self.lost = true;
            return false;
        }
        let succeeded = queue.take();
        self.put(doorbell + self.stride, queue.head);
        succeeded
    }
}
