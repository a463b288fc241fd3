// SPDX-License-Identifier: MIT-0
//! The registers of Google's network card and its queue of commands. All of it is big-endian.

use core::ptr::{read_volatile, write_volatile};
use core::sync::atomic::{compiler_fence, Ordering};
use crate::pci;
use guestrig::{allocate, read32, wait_until, write32};

// What is behind each base address.
const REGISTERS: u32 = 0;
const DOORBELL_WINDOW: u32 = 2;

const DEVICE_STATUS: u32 = 0x00;
const ADMINQ_PFN: u32 = 0x10;
const ADMINQ_DOORBELL: u32 = 0x14;
const ADMINQ_EVENT_COUNTER: u32 = 0x18;
const PASSED: u32 = 1;
pub const RESET: u32 = 2;
pub const LINK_STATUS: u32 = 4;

const DESCRIBE_DEVICE: u32 = 1;
const PAGE: usize = 4096;
const SLOTS: u32 = 64;
const WORDS: usize = 16;
/// Doorbells that there is room for.
const DOORBELLS: u32 = 0x4_0000;
pub const SECOND: u64 = 1_000_000_000;

// The answer to DESCRIBE_DEVICE, and the options behind it.
pub const TX_ENTRIES: usize = 10;
pub const RX_ENTRIES: usize = 12;
pub const COUNTERS: usize = 18;
const OPTIONS: usize = 30;
const TOTAL: usize = 32;
const HEAD: usize = 40;
const OPTION: usize = 8;

/// A card that takes commands.
pub struct Card {
    bdf: u32,
    registers: u32,
    doorbells: u32,
    commands: *mut [u32; WORDS],
    ordered: u32,
    description: *mut u8,
}

extern "C" fn is_released(card: u32) -> i32 {
    let card = unsafe { &*(card as *const Card) };
    (card.get(ADMINQ_PFN) == 0) as i32
}

extern "C" fn is_done(card: u32) -> i32 {
    let card = unsafe { &*(card as *const Card) };
    (card.get(ADMINQ_EVENT_COUNTER) == card.ordered) as i32
}

impl Card {
    pub fn new(bdf: u32) -> Card {
        let (registers, doorbells) = (pci::base(bdf, REGISTERS), pci::base(bdf, DOORBELL_WINDOW));
        pci::enable(bdf);
        let commands = allocate(PAGE, PAGE) as *mut [u32; WORDS];
        Card { bdf, registers, doorbells, commands, ordered: 0, description: allocate(PAGE, PAGE) }
    }

    fn get(&self, register: u32) -> u32 {
        read32(self.registers + register).swap_bytes()
    }

    fn put(&self, register: u32, value: u32) {
        write32(self.registers + register, value.swap_bytes());
    }

    pub fn status(&self) -> u32 {
        self.get(DEVICE_STATUS)
    }

    /// Rings the doorbell whose index the device wrote, which may be anything.
    pub fn ring(&self, resources: *const u32, value: u32) {
        let index = unsafe { read_volatile(resources) }.swap_bytes();
        compiler_fence(Ordering::SeqCst);
        if index < DOORBELLS {
            write32(self.doorbells + 4 * index, value);
        }
    }

    /// All is taken back at once.
    pub fn reset(&self) -> bool {
        self.put(ADMINQ_PFN, 0);
        wait_until(is_released, self as *const Card as u32, SECOND) != 0
    }

    /// A queue of commands, of which the first asks what the card is.
    pub fn start(&mut self) -> bool {
        self.ordered = 0;
        self.put(ADMINQ_PFN, (self.commands as usize / PAGE) as u32);
        self.order(DESCRIBE_DEVICE, &[0, self.description as u32, 1, PAGE as u32])
    }

    /// The card is reset, and no longer accesses memory.
    pub fn stop(&self) -> bool {
        let works = self.reset();
        pci::disable(self.bdf);
        works
    }

    /// Words from the ninth byte of a command on; whether it passed.
    pub fn order(&mut self, opcode: u32, words: &[u32]) -> bool {
        let mut command = [0; WORDS];
        command[0] = opcode.swap_bytes();
        for (word, value) in command[2..].iter_mut().zip(words) {
            *word = value.swap_bytes();
        }
        let slot = unsafe { self.commands.add((self.ordered % SLOTS) as usize) };
        unsafe { write_volatile(slot, command) };
        compiler_fence(Ordering::SeqCst);
        self.ordered = self.ordered.wrapping_add(1);
        self.put(ADMINQ_DOORBELL, self.ordered);
        let done = wait_until(is_done, self as *const Card as u32, SECOND) != 0;
        done && unsafe { read_volatile((slot as *const u32).add(1)) } == PASSED.swap_bytes()
    }

    /// A number of 16 bits in the card's description.
    pub fn half(&self, at: usize) -> u32 {
        let byte = |at| unsafe { read_volatile(self.description.add(at)) as u32 };
        byte(at) << 8 | byte(at + 1)
    }

    /// Whether it has an option that needs nothing else. Others are passed over.
    pub fn offers(&self, option: u32) -> bool {
        let total = (self.half(TOTAL) as usize).min(PAGE);
        let mut at = HEAD;
        for _ in 0..self.half(OPTIONS) {
            if at + OPTION > total {
                return false;
            }
            let required = self.half(at + 4) | self.half(at + 6);
            if self.half(at) == option && required == 0 {
                return true;
            }
            at += OPTION + self.half(at + 2) as usize;
        }
        false
    }
}
