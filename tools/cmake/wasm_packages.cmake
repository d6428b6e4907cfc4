# The third-party libraries of the WebAssembly build, under the same names as packages.cmake gives
# the native ones. They come from tools/wasm/build_dependencies; each has an include folder of its
# own, so what a target may include is what it links.
if(NOT IS_ABSOLUTE "${CUNJI_WASM_DEPS}" OR NOT EXISTS "${CUNJI_WASM_DEPS}/stamp")
  message(FATAL_ERROR "No libraries for WebAssembly in CUNJI_WASM_DEPS=\"${CUNJI_WASM_DEPS}\": run "
                      "tools/wasm/build_dependencies DIR, then pass -DCUNJI_WASM_DEPS:PATH=DIR")
endif()

# cunji_wasm_package(NAME [LIBRARIES lib…] [LINK …] [DEFINITIONS …] [OPTIONS …]): cunji::NAME, with
# the headers of include/NAME and lib/lib*.a, in link order.
function(cunji_wasm_package name)
  cmake_parse_arguments(ARG "" "" "LIBRARIES;LINK;DEFINITIONS;OPTIONS" ${ARGN})
  add_library(cunji::${name} INTERFACE IMPORTED GLOBAL)
  list(TRANSFORM ARG_LIBRARIES REPLACE "(.+)" "${CUNJI_WASM_DEPS}/lib/lib\\1.a")
  target_include_directories(cunji::${name} SYSTEM INTERFACE "${CUNJI_WASM_DEPS}/include/${name}")
  target_link_libraries(cunji::${name} INTERFACE ${ARG_LIBRARIES} ${ARG_LINK})
  target_compile_definitions(cunji::${name} INTERFACE ${ARG_DEFINITIONS})
  target_compile_options(cunji::${name} INTERFACE ${ARG_OPTIONS})
endfunction()

cunji_wasm_package(sodium LIBRARIES sodium LINK wasi-emulated-signal)
cunji_wasm_package(protobuf LIBRARIES protobuf-lite
                   OPTIONS "SHELL:-include ${CMAKE_CURRENT_LIST_DIR}/../wasm/no_threads_mutex.h")
cunji_wasm_package(zstd LIBRARIES zstd)
cunji_wasm_package(sqlite LIBRARIES sqlite3)  # Its user defines sqlite3_os_init: the VFS.
cunji_wasm_package(boost_headers DEFINITIONS BOOST_SYSTEM_DISABLE_THREADS)
cunji_wasm_package(json DEFINITIONS JSON_NOEXCEPTION)
cunji_wasm_package(gtest LIBRARIES gtest_main gtest
                   DEFINITIONS GTEST_HAS_STREAM_REDIRECTION=0)

# Link this into the module that a page loads: no main, JavaScript calls _initialize() once.
add_library(cunji::wasm_module INTERFACE IMPORTED GLOBAL)
target_link_options(cunji::wasm_module INTERFACE -mexec-model=reactor -Wl,--strip-all)

# Where the compiler guards the stack by default, wasi-libc lacks what the guards call.
link_libraries("${CUNJI_WASM_DEPS}/lib/libstack_protector.a")
