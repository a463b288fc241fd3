// SPDX-License-Identifier: MIT-0
//! Configuration space of PCI functions, by mechanism 1.

use guestrig::{in16, in32, out16, out32};

const CONFADD: u32 = 0xcf8;
const CONFDATA: u32 = 0xcfc;
const COMMAND: u32 = 0x04;
const BAR0: u32 = 0x10;
/// Of ports, and of memory.
const DECODING: u32 = 0x03;
const BUS_MASTER: u32 = 0x04;
/// Of a base address: it is one of ports.
const IO_SPACE: u32 = 0x01;

/// CONFDATA then stands at this register.
fn select(bdf: u32, register: u32) {
    out32(CONFADD, 0x8000_0000 + bdf * 256 + register);
}

/// Turns decoding and bus mastering on.
pub fn enable(bdf: u32) {
    select(bdf, COMMAND);
    out16(CONFDATA, in16(CONFDATA) | DECODING | BUS_MASTER);
}

/// The function no longer accesses memory.
pub fn disable(bdf: u32) {
    select(bdf, COMMAND);
    out16(CONFDATA, in16(CONFDATA) & !BUS_MASTER);
}

/// A register of 32 bits.
pub fn read(bdf: u32, register: u32) -> u32 {
    select(bdf, register);
    in32(CONFDATA)
}

/// The address in a base address register, of either kind.
pub fn base(bdf: u32, bar: u32) -> u32 {
    let value = read(bdf, BAR0 + 4 * bar);
    value & if value & IO_SPACE == 0 { !15 } else { !3 }
}
