# Toolchain file: builds for WebAssembly with clang-19 and wasi-libc of the distribution.
#   cmake -G Ninja -DCMAKE_TOOLCHAIN_FILE=tools/cmake/wasm32-wasi.cmake -DCUNJI_WASM_DEPS:PATH=DIR
# DIR is what tools/wasm/build_dependencies filled. See tools/wasm/README.md.
set(CMAKE_SYSTEM_NAME Generic)  # CMake knows no WASI.
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_C_COMPILER clang-19)
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_C_COMPILER_TARGET wasm32-wasi)
set(CMAKE_CXX_COMPILER_TARGET wasm32-wasi)
find_program(CMAKE_AR llvm-ar-19 REQUIRED)
find_program(CMAKE_RANLIB llvm-ranlib-19 REQUIRED)
set(CMAKE_EXECUTABLE_SUFFIX_C .wasm)
set(CMAKE_EXECUTABLE_SUFFIX_CXX .wasm)

# A linked program cannot run here, so CMake's checks stop at a library.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CUNJI_WASM_DEPS)
set(CMAKE_CROSSCOMPILING_EMULATOR ${CMAKE_CURRENT_LIST_DIR}/../wasm/run_test.mjs)

# Only WebAssembly's own headers: by itself this clang also looks into /usr/include, and a header of
# the machine (glibc's, a native library's) would slip in unseen. -idirafter keeps clang's own
# stddef.h and the like before wasi-libc's. libc++ is what clang links for this target anyway.
set(libc_headers "-nostdlibinc -idirafter /usr/include/wasm32-wasi")
set(code "-O2 -ffunction-sections -fdata-sections -fno-exceptions")
set(CMAKE_C_FLAGS_INIT "${code} ${libc_headers}")
set(CMAKE_CXX_FLAGS_INIT
    "${code} -fno-rtti -isystem /usr/include/wasm32-wasi/c++/v1 ${libc_headers}")
# Not CMake's -O3: it makes the module larger.
set(CMAKE_C_FLAGS_RELEASE "-DNDEBUG" CACHE STRING "")
set(CMAKE_CXX_FLAGS_RELEASE "-DNDEBUG" CACHE STRING "")
set(CMAKE_BUILD_TYPE Release CACHE STRING "")

# The stack lies below the data, so that running out of it traps instead of overwriting them.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,--gc-sections,--stack-first,-z,stack-size=1048576")

# Nothing of the machine's own libraries may be found; its programs (protoc, ccache) may.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_FIND_ROOT_PATH "${CUNJI_WASM_DEPS}")
