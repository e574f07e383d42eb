# What scripts/test turns on so that a cold build with sanitizers stays short on two cores: headers that
# nearly every source reads are parsed once, and lld links. The release build does without, so that
# each source still includes what it uses.
option(FAILGATE_FAST_BUILD "Precompile common headers, link with lld" OFF)

if(FAILGATE_FAST_BUILD)
  find_program(FAILGATE_LLD ld.lld)
  if(FAILGATE_LLD)
    add_link_options(-fuse-ld=lld)
  endif()
endif()

# failgate_precompile(TARGET PCH_TARGET): TARGET reads the headers PCH_TARGET has precompiled.
function(failgate_precompile target precompiled)
  if(FAILGATE_FAST_BUILD)
    target_precompile_headers(${target} REUSE_FROM ${precompiled})
  endif()
endfunction()

# Called once the options of compile_options.cmake and the found packages are known.
function(failgate_define_precompiled_headers)
  if(NOT FAILGATE_FAST_BUILD)
    return()
  endif()
  set(common <algorithm> <chrono> <filesystem> <functional> <map> <memory> <optional> <set> <string>
             <string_view> <utility> <variant> <vector> <fmt/format.h>
             "${PROJECT_SOURCE_DIR}/controller/base/error.h")
  file(WRITE "${CMAKE_BINARY_DIR}/precompiled.cpp" "")
  add_library(failgate_precompiled OBJECT "${CMAKE_BINARY_DIR}/precompiled.cpp")
  target_link_libraries(failgate_precompiled PUBLIC failgate_options fmt::fmt)
  target_precompile_headers(failgate_precompiled PRIVATE ${common})
  if(FAILGATE_BUILD_TESTS)
    find_package(GTest REQUIRED)
    add_library(failgate_precompiled_tests OBJECT "${CMAKE_BINARY_DIR}/precompiled.cpp")
    target_link_libraries(failgate_precompiled_tests PUBLIC failgate_options fmt::fmt GTest::gmock)
    target_precompile_headers(failgate_precompiled_tests PRIVATE ${common} <gmock/gmock.h>
                              <gtest/gtest.h>)
  endif()
endfunction()
