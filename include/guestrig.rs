// SPDX-License-Identifier: MIT-0
//! The imports of a driver that is compiled to WebAssembly. docs/wasm.md has them as a table. A pointer
//! of the driver is the physical address of what it points to. `guestrig conform` calls three of its exports: `matches(vendor, device)`
//! says whether a PCI function is for it, `attach(bdf)` takes it into use, `run(attached)` uses it. Scenarios call more, if they are
//! there: of a serial port, which `run` opens, `print(base, text, length)` and `key(base)`; the base is that of COM1, 0x3f8.
#![no_std]

#[link(wasm_import_module = "guestrig")]
unsafe extern "C" {
    pub safe fn in8(port: u32) -> u32;
    pub safe fn in16(port: u32) -> u32;
    pub safe fn in32(port: u32) -> u32;
    pub safe fn out8(port: u32, value: u32);
    pub safe fn out16(port: u32, value: u32);
    pub safe fn out32(port: u32, value: u32);
    pub safe fn read8(address: u32) -> u32;
    pub safe fn read16(address: u32) -> u32;
    pub safe fn read32(address: u32) -> u32;
    pub safe fn write8(address: u32, value: u32);
    pub safe fn write16(address: u32, value: u32);
    pub safe fn write32(address: u32, value: u32);
    pub safe fn now() -> u64;
    pub safe fn wait(limit: u64) -> i32;
    pub safe fn wait_until(until: extern "C" fn(u32) -> i32, context: u32, limit: u64) -> i32;
    pub unsafe fn cpuid(vcpu: u32, leaf: u32, subleaf: u32, words: *mut u32);
    pub unsafe fn rdmsr(vcpu: u32, index: u32, value: *mut u64) -> i32;
    pub safe fn wrmsr(vcpu: u32, index: u32, value: u64) -> i32;
    pub safe fn rdtsc(vcpu: u32) -> u64;
    pub safe fn vmcall(vcpu: u32, number: u32, rbx: u32, rcx: u32, rdx: u32, rsi: u32) -> i32;
    pub unsafe fn log(text: *const u8, length: usize);
    pub safe fn allocate(bytes: usize, align: usize) -> *mut u8;
    pub unsafe fn release(at: *mut u8);
    pub safe fn handle(vector: u32, handler: extern "C" fn(u32), context: u32);
    pub safe fn mask();
    pub safe fn unmask();
}

/// A panic is a trap, which ends the call.
#[cfg(feature = "panic-handler")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
