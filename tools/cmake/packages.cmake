# The libraries from the distribution, under names of ours, so that the WebAssembly build can offer
# its own under the same (tools/cmake/wasm_packages.cmake).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Protobuf REQUIRED)
include(GoogleTest)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3>=3.40)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET libqrencode)

foreach(pair sodium=PkgConfig::SODIUM sqlite=PkgConfig::SQLITE zstd=PkgConfig::ZSTD
             qrencode=PkgConfig::QRENCODE protobuf=protobuf::libprotobuf)
  string(REGEX MATCH "^([a-z]+)=(.*)$" _ ${pair})
  add_library(cunji_${CMAKE_MATCH_1} INTERFACE)
  target_link_libraries(cunji_${CMAKE_MATCH_1} INTERFACE ${CMAKE_MATCH_2})
  add_library(cunji::${CMAKE_MATCH_1} ALIAS cunji_${CMAKE_MATCH_1})
endforeach()
add_library(cunji_gtest INTERFACE)
target_link_libraries(cunji_gtest INTERFACE GTest::gtest_main)
add_library(cunji::gtest ALIAS cunji_gtest)
# Boost is used by its headers only (Asio, Beast, System); 1.81 at least, for Beast with C++20.
find_package(Boost 1.81 REQUIRED)
add_library(cunji_boost_headers INTERFACE)
target_link_libraries(cunji_boost_headers INTERFACE Boost::headers)
add_library(cunji::boost_headers ALIAS cunji_boost_headers)
# JSON by its headers only: the test vectors and the server's answers.
find_package(nlohmann_json REQUIRED)
add_library(cunji_json INTERFACE)
target_link_libraries(cunji_json INTERFACE nlohmann_json::nlohmann_json)
add_library(cunji::json ALIAS cunji_json)
