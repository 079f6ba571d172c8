//! How the C library keeps what was freed.

/// Lets freed memory be used again instead of returning it to the system.
///
/// Training makes and frees arrays of megabytes for every chunk of work. By default the C library maps and unmaps
/// each, and keeps a heap for every thread: the page faults took a third of the time on large interactions. To be
/// called before other threads start, as both programs do; elsewhere than on Linux with glibc it does nothing.
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
