# One interface target carries what every object of ours is compiled with.
add_library(failgate_options INTERFACE)
target_include_directories(failgate_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(failgate_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 warns of overlapping copies inside its own std::string at -O2 and more (PR 105651).
  target_compile_options(failgate_options INTERFACE -Wsuggest-override -Wno-restrict)
endif()
if(FAILGATE_WARNINGS_AS_ERRORS)
  target_compile_options(failgate_options INTERFACE -Werror)
endif()
if(FAILGATE_SANITIZE)
  add_compile_options(-fsanitize=${FAILGATE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${FAILGATE_SANITIZE})
endif()
target_link_libraries(failgate_options INTERFACE Threads::Threads)
failgate_define_precompiled_headers()

# failgate_library(NAME SOURCES ... [PUBLIC lib ...] [PRIVATE lib ...])
function(failgate_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC failgate_options ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  if("fmt::fmt" IN_LIST ARG_PUBLIC OR "failgate_base" IN_LIST ARG_PUBLIC)
    failgate_precompile(${name} failgate_precompiled)
  endif()
endfunction()

# failgate_test(NAME LEVEL unit|integration|functional SOURCES ... LIBRARIES ...)
# One GoogleTest program; its level is its ctest label.
function(failgate_test name)
  cmake_parse_arguments(ARG "" "LEVEL;TIMEOUT" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} failgate_test_support GTest::gmock GTest::gtest_main)
  failgate_precompile(${name} failgate_precompiled_tests)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND ${name} --gtest_shuffle
    --gtest_output=xml:${CMAKE_BINARY_DIR}/reports/${name}.xml)
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LEVEL} TIMEOUT ${ARG_TIMEOUT}
    COST ${ARG_TIMEOUT})  # the long ones begin first, so that none of them runs alone at the end
endfunction()
