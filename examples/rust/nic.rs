// SPDX-License-Identifier: MIT-0
#![no_std]

mod pci;
mod virtio;

use core::mem::size_of;
use core::ptr::copy_nonoverlapping;
use guestrig::allocate;
use virtio::{Function, Piece, Queue, READ, WRITE};

// virtio 1.4, 5.1.2.
const RECEIVE: u16 = 0;
const TRANSMIT: u16 = 1;
/// Bytes of virtio_net_hdr on a legacy function without MRG_RXBUF, and of the longest frame.
const HEADER: usize = 10;
const FRAME: usize = 1514;

/// A NIC that sends and receives a frame at a time: virtio 1.4, 5.1.
pub struct Nic {
    function: Function,
    receive: Queue,
    transmit: Queue,
    incoming: *mut u8,
    outgoing: *mut u8,
}

impl Nic {
    /// A legacy device wants the header in a descriptor of its own.
    fn offer_room(&mut self) {
        let frame = self.incoming.wrapping_add(HEADER);
        self.receive.offer(&[
            Piece { at: self.incoming, length: HEADER, access: WRITE },
            Piece { at: frame, length: FRAME, access: WRITE },
        ]);
    }
}

#[no_mangle]
pub extern "C" fn matches(vendor: u32, device: u32) -> i32 {
    (vendor == 0x1af4 && device == 0x1000) as i32
}

/// Null if the card does not answer.
#[no_mangle]
pub extern "C" fn attach(bdf: u32) -> *mut Nic {
    let Some(function) = Function::start(bdf) else {
        return core::ptr::null_mut();
    };
    function.features(0);
    let (Some(receive), Some(transmit)) = (Queue::new(function, RECEIVE), Queue::new(function, TRANSMIT)) else {
        return core::ptr::null_mut();
    };
    let nic = allocate(size_of::<Nic>(), 16) as *mut Nic;
    let (incoming, outgoing) = (allocate(HEADER + FRAME, 16), allocate(HEADER + FRAME, 16));
    unsafe { nic.write(Nic { function, receive, transmit, incoming, outgoing }) };
    function.ready();
    unsafe { (*nic).offer_room() };
    nic
}

/// 0, or -1 if the frame is too long or the NIC does not take it.
///
/// # Safety
/// `nic` is what `attach` returned, and `frame` points to `length` bytes.
#[no_mangle]
pub unsafe extern "C" fn send(nic: &mut Nic, frame: *const u8, length: usize) -> i32 {
    if length > FRAME {
        return -1;
    }
    let body = nic.outgoing.wrapping_add(HEADER);
    copy_nonoverlapping(frame, body, length);
    nic.transmit.offer(&[
        Piece { at: nic.outgoing, length: HEADER, access: READ },
        Piece { at: body, length, access: READ },
    ]);
    if nic.transmit.wait() { 0 } else { -1 }
}

/// How long the next frame is that came in, or -1 if none did or there is no room for it.
///
/// # Safety
/// `nic` is what `attach` returned, and `into` points to `room` bytes.
#[no_mangle]
pub unsafe extern "C" fn receive(nic: &mut Nic, into: *mut u8, room: usize) -> i32 {
    if !nic.receive.is_done() {
        return -1;
    }
    // A device may say any length: only what was lent can hold a frame.
    let length = nic.receive.written().wrapping_sub(HEADER);
    let is_frame = length <= FRAME && length <= room;
    if is_frame {
        copy_nonoverlapping(nic.incoming.wrapping_add(HEADER), into, length);
    }
    nic.offer_room();
    if is_frame { length as i32 } else { -1 }
}

/// Another driver may take the card.
#[no_mangle]
pub extern "C" fn stop(nic: &mut Nic) -> i32 {
    nic.function.stop();
    0
}

/// Run by `guestrig conform nic.wasm`.
#[no_mangle]
pub extern "C" fn run(nic: &mut Nic) -> i32 {
    let frame = [0; 60];
    unsafe { send(nic, frame.as_ptr(), frame.len()) }
}
