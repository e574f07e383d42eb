# Targets for people: `format` rewrites, `format-check` and `tidy` only look. clang 14 decides, not taste.
find_program(FAILGATE_CLANG_FORMAT NAMES clang-format-14)
find_program(FAILGATE_CLANG_TIDY NAMES clang-tidy-14)

if(FAILGATE_CLANG_FORMAT)
  set(format_command "${PROJECT_SOURCE_DIR}/scripts/format" "${FAILGATE_CLANG_FORMAT}")
  add_custom_target(format COMMAND ${format_command} -i VERBATIM)
  add_custom_target(format-check COMMAND ${format_command} --dry-run --Werror VERBATIM)
endif()
if(FAILGATE_CLANG_TIDY)
  add_custom_target(tidy
    COMMAND "${PROJECT_SOURCE_DIR}/scripts/tidy" "${FAILGATE_CLANG_TIDY}" "${CMAKE_BINARY_DIR}"
    VERBATIM USES_TERMINAL)
endif()
