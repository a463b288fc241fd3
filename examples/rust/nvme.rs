// SPDX-License-Identifier: MIT-0
//! An NVMe controller, polled: the admin queue, a pair of I/O queues, and the first namespace that is there. Data goes by lists of
//! pages, 64 KiB at a time.
#![no_std]

mod controller;
mod pci;

use controller::{Controller, Queue, PAGE, SIZE, WORDS};
use core::mem::size_of;
use core::ptr::{copy_nonoverlapping, null_mut, read_volatile, write_volatile};
use guestrig::{allocate, release};

const DELETE_SQ: u32 = 0x00;
const CREATE_SQ: u32 = 0x01;
const DELETE_CQ: u32 = 0x04;
const CREATE_CQ: u32 = 0x05;
const IDENTIFY: u32 = 0x06;
const SET_FEATURES: u32 = 0x09;
const NUMBER_OF_QUEUES: u32 = 7;
const FLUSH: u32 = 0x00;
const WRITE: u32 = 0x01;
const READ: u32 = 0x02;

/// What is identified.
const NAMESPACE: u32 = 0;
const CONTROLLER: u32 = 1;
const ACTIVE: u32 = 2;
// Of the answers.
const MDTS: usize = 77;
const VWC: usize = 525;
const FLBAS: usize = 26;
const LBAF: usize = 128;

const CONTIGUOUS: u32 = 1;
/// Pages that a command moves at most.
const PAGES: usize = 16;

/// A disk in use.
pub struct Disk {
    controller: Controller,
    admin: Queue,
    io: Queue,
    answer: *mut u8,
    data: *mut u8,
    /// The pages of `data` behind the first.
    list: *mut u64,
    namespace: u32,
    block: usize,
    piece: usize,
    caches: bool,
}

/// A command of these words, and others that are 0.
fn command(words: &[(usize, u32)]) -> [u32; WORDS] {
    let mut whole = [0; WORDS];
    for &(at, value) in words {
        whole[at] = value;
    }
    whole
}

impl Disk {
    fn new(controller: Controller) -> Disk {
        let data = allocate(PAGES * PAGE, PAGE);
        let list = allocate(PAGE, PAGE) as *mut u64;
        for page in 1..PAGES {
            unsafe { write_volatile(list.add(page - 1), data.wrapping_add(page * PAGE) as u64) };
        }
        let (admin, io, answer) = (Queue::new(0), Queue::new(1), allocate(PAGE, PAGE));
        Disk { controller, admin, io, answer, data, list, namespace: 0, block: 0, piece: 0, caches: false }
    }

    fn ask(&mut self, words: &[(usize, u32)]) -> bool {
        self.controller.run(&mut self.admin, command(words))
    }

    fn identify(&mut self, namespace: u32, what: u32) -> bool {
        self.ask(&[(0, IDENTIFY), (1, namespace), (6, self.answer as u32), (10, what)])
    }

    fn byte(&self, at: usize) -> u32 {
        unsafe { read_volatile(self.answer.add(at)) as u32 }
    }

    fn word(&self, at: usize) -> u32 {
        (0..4).rev().fold(0, |word, i| word << 8 | self.byte(at + i))
    }

    fn start(&mut self) -> bool {
        if !self.controller.start(&mut self.admin) || !self.identify(0, CONTROLLER) {
            return false;
        }
        self.caches = self.byte(VWC) & 1 != 0;
        let most = match self.byte(MDTS) {
            0 => PAGES,
            mdts => PAGES.min(1 << (mdts & 15)),
        };
        self.piece = most * PAGE;
        self.create_queues() && self.find_namespace()
    }

    fn create_queues(&mut self) -> bool {
        self.io.clear();
        let (commands, completions) = (self.io.commands as u32, self.io.completions());
        let (name, piece) = ((SIZE - 1) << 16 | 1, CONTIGUOUS);
        self.ask(&[(0, SET_FEATURES), (10, NUMBER_OF_QUEUES)])
            && self.ask(&[(0, CREATE_CQ), (6, completions), (10, name), (11, piece)])
            && self.ask(&[(0, CREATE_SQ), (6, commands), (10, name), (11, 1 << 16 | piece)])
    }

    /// The first namespace that has blocks. With bytes beside them, or blocks larger than a page, nothing here is done.
    fn find_namespace(&mut self) -> bool {
        let mut last = 0;
        loop {
            // Those with higher numbers: a list that does not rise would never end.
            if !self.identify(last, ACTIVE) {
                return false;
            }
            self.namespace = self.word(0);
            if self.namespace <= last || !self.identify(self.namespace, NAMESPACE) {
                return false;
            }
            if self.word(0) | self.word(4) != 0 {
                break;
            }
            last = self.namespace;
        }
        let format = self.word(LBAF + 4 * (self.byte(FLBAS) & 15) as usize);
        let shift = format >> 16 & 0xff;
        self.block = 1 << (shift & 31);
        (9..=12).contains(&shift) && format & 0xffff == 0
    }

    /// Moves blocks between the disk and `data`.
    fn transfer(&mut self, opcode: u32, lba: u64, bytes: usize) -> bool {
        let second = match bytes.div_ceil(PAGE) {
            1 => 0,
            2 => self.data as u32 + PAGE as u32,
            _ => self.list as u32,
        };
        let blocks = (bytes / self.block - 1) as u32;
        let mut words = command(&[(0, opcode), (1, self.namespace), (6, self.data as u32), (8, second)]);
        (words[10], words[11], words[12]) = (lba as u32, (lba >> 32) as u32, blocks);
        self.controller.run(&mut self.io, words)
    }
}

#[no_mangle]
pub extern "C" fn matches(vendor: u32, device: u32) -> i32 {
    (vendor == 0x1ae0 && device == 0x001f) as i32
}

/// Null if it does not answer, has no namespace, or registers where 32 bits do not lead.
#[no_mangle]
pub extern "C" fn attach(bdf: u32) -> *mut Disk {
    let Some(controller) = Controller::new(bdf) else {
        return null_mut();
    };
    let at = allocate(size_of::<Disk>(), 16) as *mut Disk;
    unsafe { at.write(Disk::new(controller)) };
    if unsafe { (*at).start() } { at } else { null_mut() }
}

/// 0, or -1 for what are no whole blocks, or a failure.
///
/// # Safety
/// `disk` is what `attach` returned, and `into` points to `length` bytes.
#[no_mangle]
pub unsafe extern "C" fn read(disk: &mut Disk, block: u64, into: *mut u8, length: usize) -> i32 {
    if length % disk.block != 0 {
        return -1;
    }
    for done in (0..length).step_by(disk.piece) {
        let bytes = disk.piece.min(length - done);
        if !disk.transfer(READ, block + (done / disk.block) as u64, bytes) {
            return -1;
        }
        copy_nonoverlapping(disk.data, into.add(done), bytes);
    }
    0
}

/// The same.
///
/// # Safety
/// `disk` is what `attach` returned, and `from` points to `length` bytes.
#[no_mangle]
pub unsafe extern "C" fn write(disk: &mut Disk, block: u64, from: *const u8, length: usize) -> i32 {
    if length % disk.block != 0 {
        return -1;
    }
    for done in (0..length).step_by(disk.piece) {
        let bytes = disk.piece.min(length - done);
        copy_nonoverlapping(from.add(done), disk.data, bytes);
        if !disk.transfer(WRITE, block + (done / disk.block) as u64, bytes) {
            return -1;
        }
    }
    0
}

/// 0 once what was written is safe.
#[no_mangle]
pub extern "C" fn flush(disk: &mut Disk) -> i32 {
    let words = command(&[(0, FLUSH), (1, disk.namespace)]);
    if !disk.caches || disk.controller.run(&mut disk.io, words) { 0 } else { -1 }
}

/// Bytes of a block.
#[no_mangle]
pub extern "C" fn block_size(disk: &Disk) -> i32 {
    disk.block as i32
}

/// Run by `guestrig conform nvme.wasm`: seventeen pages are written and come back.
#[no_mangle]
pub extern "C" fn run(disk: &mut Disk) -> i32 {
    const LENGTH: usize = (PAGES + 1) * PAGE;
    let (out, back) = (allocate(LENGTH, PAGE), allocate(LENGTH, PAGE));
    let same = unsafe {
        for i in 0..LENGTH {
            write_volatile(out.add(i), (i * 7 + i / 512) as u8);
        }
        write(disk, 8, out, LENGTH) == 0
            && flush(disk) == 0
            && read(disk, 8, back, LENGTH) == 0
            && (0..LENGTH).all(|i| read_volatile(out.add(i)) == read_volatile(back.add(i)))
    };
    unsafe {
        release(out);
        release(back);
    }
    if same { 0 } else { -1 }
}

/// Another driver may take the controller.
#[no_mangle]
pub extern "C" fn stop(disk: &mut Disk) -> i32 {
    let deleted = disk.ask(&[(0, DELETE_SQ), (10, 1)]) && disk.ask(&[(0, DELETE_CQ), (10, 1)]);
    if disk.controller.stop() && deleted { 0 } else { -1 }
}
