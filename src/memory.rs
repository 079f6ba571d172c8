//! Settings of the C library's memory allocator.

/// Makes the allocator keep freed memory for reuse instead of returning it to the system.
///
/// Training allocates and frees arrays of megabytes for every chunk of work. By default glibc maps and unmaps each of them
/// and keeps a heap for every thread; the page faults took a third of the time on large interactions. Call it before other
/// threads start. It does nothing on systems other than Linux with glibc.
pub fn keep_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for (parameter, value) in [
        (libc::M_MMAP_THRESHOLD, 64 << 20), // larger arrays still go back when they are freed
        (libc::M_TRIM_THRESHOLD, 1 << 30),
        (libc::M_ARENA_MAX, 1),
    ] {
        // SAFETY: `mallopt` takes two numbers and touches only the allocator's own settings; a refusal changes nothing.
        unsafe { libc::mallopt(parameter, value) };
    }
}
