# What every folder's CMakeLists.txt uses: cunji_library, cunji_program, cunji_test, cunji_protobuf.
# Warnings are errors. CUNJI_SANITIZE adds ASan and UBSan. The WebAssembly build (CUNJI_WASM) leaves
# out what needs sockets or threads: folders say so with `if(NOT CUNJI_WASM)`.
option(CUNJI_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "wasm32" OR CMAKE_CXX_COMPILER_TARGET MATCHES "wasm32")
  set(CUNJI_WASM ON)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

add_library(cunji_options INTERFACE)
target_include_directories(cunji_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_options(cunji_options INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion
                       -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # These depend on what the optimiser sees, and GCC 12 is often wrong about them: shown, no error.
  target_compile_options(cunji_options INTERFACE -Wno-error=maybe-uninitialized
                         -Wno-error=array-bounds -Wno-error=stringop-overflow
                         -Wno-error=stringop-overread -Wno-error=restrict
                         -Wno-error=dangling-pointer -Wno-error=use-after-free)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12 calls a function that it deprecates itself, from std::stable_sort.
  target_compile_options(cunji_options INTERFACE -Wno-deprecated-declarations)
endif()
if(CUNJI_SANITIZE)
  target_compile_options(cunji_options INTERFACE -fsanitize=address,undefined
                         -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  target_link_options(cunji_options INTERFACE -fsanitize=address,undefined)
endif()

# What the files with sockets, and those with command lines, spend most of their parsing on: to be
# named as PCH below.
set(cunji_socket_headers <boost/asio.hpp> <boost/asio/ssl.hpp> <boost/beast.hpp>
    <boost/beast/ssl.hpp>)
set(cunji_command_headers <CLI/CLI.hpp>)

# cunji_library(NAME SOURCES … DEPS … [PRIVATE_DEPS …] [PCH header …])
function(cunji_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS;PCH" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} PRIVATE cunji_options ${ARG_PRIVATE_DEPS})
  if(ARG_PCH)
    target_precompile_headers(${name} PRIVATE ${ARG_PCH})
  endif()
endfunction()

# cunji_program(NAME SOURCES … DEPS …): an executable in the build folder's bin/.
function(cunji_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PCH" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE cunji_options ${ARG_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  if(ARG_PCH)
    target_precompile_headers(${name} PRIVATE ${ARG_PCH})
  endif()
endfunction()

# What every test parses first, precompiled once. A program that was given another flag than this
# library cannot use it: the compiler says so (-Winvalid-pch).
if(NOT CUNJI_WASM)
  file(WRITE ${PROJECT_BINARY_DIR}/test_pch.cc "")
  add_library(cunji_test_pch OBJECT ${PROJECT_BINARY_DIR}/test_pch.cc)
  target_link_libraries(cunji_test_pch PRIVATE cunji_options cunji::gtest)
  target_compile_options(cunji_test_pch PRIVATE $<$<CONFIG:Release>:-O1>)
  target_precompile_headers(cunji_test_pch PRIVATE <gtest/gtest.h> <algorithm> <chrono> <filesystem>
                            <fstream> <functional> <map> <memory> <optional> <random> <set>
                            <span> <sstream> <string> <thread> <utility> <vector>)
endif()

# All programs of tests, and nothing else: what the sanitizer build needs.
add_custom_target(cunji_tests)

# cunji_test(NAME SOURCES … DEPS … [LABELS …] [TIMEOUT seconds]): a GoogleTest program; natively
# each of its tests is one of ctest's, as WebAssembly the whole program is.
function(cunji_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  add_dependencies(cunji_tests ${name})
  target_link_libraries(${name} PRIVATE cunji_options ${ARG_DEPS} cunji::gtest)
  target_compile_definitions(${name} PRIVATE CUNJI_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  # A test is compiled far more often than it is run: -O3 takes two thirds longer.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  if(CUNJI_WASM)
    add_test(NAME ${name} COMMAND node ${PROJECT_SOURCE_DIR}/tools/wasm/run_test.mjs
                                  $<TARGET_FILE:${name}>)
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  else()
    target_precompile_headers(${name} REUSE_FROM cunji_test_pch)
    gtest_discover_tests(${name} TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST
                         PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  endif()
endfunction()

# cunji_protobuf(NAME files.proto …): message classes, full natively, lite as WebAssembly (D11).
function(cunji_protobuf name)
  set(generated)
  foreach(proto ${ARGN})
    get_filename_component(stem ${proto} NAME_WE)
    set(out ${CMAKE_CURRENT_BINARY_DIR}/${stem}.pb)
    if(CUNJI_WASM)
      set(flavour "lite:")
    else()
      set(flavour "")
    endif()
    add_custom_command(OUTPUT ${out}.cc ${out}.h
      COMMAND protoc --cpp_out=${flavour}${PROJECT_BINARY_DIR} -I ${PROJECT_SOURCE_DIR}
              ${CMAKE_CURRENT_SOURCE_DIR}/${proto}
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${proto} VERBATIM)
    list(APPEND generated ${out}.cc ${out}.h)
  endforeach()
  add_library(${name} STATIC ${generated})
  target_include_directories(${name} SYSTEM PUBLIC ${PROJECT_BINARY_DIR})
  target_link_libraries(${name} PUBLIC cunji::protobuf)
  if(CUNJI_SANITIZE)
    target_compile_options(${name} PRIVATE -fsanitize=address,undefined)
  endif()
endfunction()
