//! Settings of the memory allocator, for programs.
#![cfg_attr(not(target_os = "linux"), allow(dead_code, unused_variables))]

use std::alloc::{GlobalAlloc, Layout, System};

/// Bytes by which the heap grows; larger arrays are mapped alone.
const STEP: usize = 64 << 20;

/// Makes the allocator keep freed memory for reuse instead of returning it to the system.
///
/// Training allocates and frees arrays of megabytes for every chunk of work. By default glibc maps and unmaps each of them;
/// the page faults took a third of the time on large interactions. Every thread keeps a heap of its own, so that the arrays it
/// uses again lie in its cache. Call it before other threads start. It does nothing on systems other than Linux with glibc.
pub fn keep_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for (parameter, value) in [
        (libc::M_MMAP_THRESHOLD, STEP as libc::c_int), // larger arrays still go back when they are freed
        (libc::M_TRIM_THRESHOLD, 1 << 30),
        (libc::M_TOP_PAD, STEP as libc::c_int), // so that large pages fit
    ] {
        // SAFETY: `mallopt` takes two numbers and touches only the allocator's own settings; a refusal changes nothing.
        unsafe { libc::mallopt(parameter, value) };
    }
}

/// The system's allocator, which asks for large pages for arrays of megabytes.
///
/// The processor finds an address in a page of 2 MiB sooner than in one of 512 times as many small pages: what waits for memory takes
/// about a tenth less time. It asks on Linux alone, where the system grants it on request (`madvise`), as most do.
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: irgan::memory::LargePages = irgan::memory::LargePages;
///
/// assert_eq!(vec![1.0f32; 1 << 24][1 << 23], 1.0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LargePages;

impl LargePages {
    /// Fewest bytes for which large pages are asked.
    const LEAST: usize = 1 << 20;

    /// Asks for large pages for fresh memory and for the part of the heap behind it, which has not been used yet if it is new.
    fn ask(start: *mut u8, size: usize) -> *mut u8 {
        #[cfg(target_os = "linux")]
        if size >= Self::LEAST && !start.is_null() {
            const PAGE: usize = 1 << 21;
            let before = start.addr() % PAGE;
            let behind = if size < STEP { STEP } else { 0 };
            // SAFETY: the advice changes no values, whatever else lies in these pages; a refusal changes nothing.
            unsafe {
                let first = start.wrapping_sub(before).cast();
                libc::madvise(first, (before + size).next_multiple_of(PAGE) + behind, libc::MADV_HUGEPAGE)
            };
        }
        start
    }
}

// SAFETY: all memory is the system allocator's.
unsafe impl GlobalAlloc for LargePages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        Self::ask(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        Self::ask(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        Self::ask(unsafe { System.realloc(start, layout, size) }, size)
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(start, layout) };
    }
}
