// What code compiled with a stack protector needs: wasi-libc has neither. The guard is constant; in
// WebAssembly return addresses are out of a program's reach, so it only finds bugs.
#include <stdint.h>

uintptr_t __stack_chk_guard = 0x00c0ffee;

void __stack_chk_fail(void) { __builtin_trap(); }
