// SPDX-License-Identifier: MIT-0
#![no_std]

use guestrig::{in8, out8, wait_until};

// PC16550D, 8.0: registers by their offset, and what is used of them.
const THR: u32 = 0;
const RBR: u32 = 0;
const DLL: u32 = 0;
const DLM: u32 = 1;
const FCR: u32 = 2;
const LCR: u32 = 3;
const LSR: u32 = 5;
const DR: u32 = 0x01;
const THRE: u32 = 0x20;
const EIGHT_BITS: u32 = 0x03;
const DLAB: u32 = 0x80;
const FIFO_ON: u32 = 0x07;

const COM1: u32 = 0x3f8;

/// A character takes 87 microseconds at 115200 baud.
const MILLISECOND: u64 = 1_000_000;

extern "C" fn has_room(base: u32) -> i32 {
    (in8(base + LSR) & THRE) as i32
}

/// A serial port, polled: 115200 baud, eight bits, no parity. `base` is 0x3f8 for COM1.
#[no_mangle]
pub extern "C" fn start(base: u32) {
    out8(base + LCR, EIGHT_BITS | DLAB);
    out8(base + DLL, 1);
    out8(base + DLM, 0);
    out8(base + LCR, EIGHT_BITS);
    out8(base + FCR, FIFO_ON);
}

/// 0, or -1 if the transmitter does not get empty.
///
/// # Safety
/// `text` points to `length` bytes.
#[no_mangle]
pub unsafe extern "C" fn print(base: u32, text: *const u8, length: usize) -> i32 {
    for &byte in core::slice::from_raw_parts(text, length) {
        if wait_until(has_room, base, MILLISECOND) == 0 {
            return -1;
        }
        out8(base + THR, byte as u32);
    }
    0
}

/// The received byte, or -1.
#[no_mangle]
pub extern "C" fn key(base: u32) -> i32 {
    match in8(base + LSR) & DR {
        0 => -1,
        _ => in8(base + RBR) as i32,
    }
}

/// Run by `guestrig conform uart.wasm`, whose scenarios then call print and key with the same port.
#[no_mangle]
pub extern "C" fn run() -> i32 {
    let text = b"more than the FIFO holds";
    start(COM1);
    key(COM1);
    unsafe { print(COM1, text.as_ptr(), text.len()) }
}
