# failgate_embed(TARGET SYMBOL BASE FILES...): the program carries files of the tree inside itself.
# Defines `const std::vector<EmbeddedFile>& SYMBOL();` with paths below BASE; declare it where used.
function(failgate_embed target symbol base)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/embedded")
  set(entries "")
  foreach(file ${ARGN})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${base}/${file}")
    file(READ "${base}/${file}" content HEX)
    # Bytes as hexadecimal escapes: no delimiter, no limit of literals, no encoding to think of.
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1\"\"" escaped "${content}")
    string(LENGTH "${content}" digits)
    math(EXPR bytes "${digits} / 2")
    string(APPEND entries "      {\"${file}\", std::string(\"${escaped}\", ${bytes})},\n")
  endforeach()
  file(CONFIGURE OUTPUT "${folder}/${symbol}.cpp" CONTENT
"#include \"controller/base/embedded_file.h\"

namespace failgate {

const std::vector<EmbeddedFile>& ${symbol}() {
  static const std::vector<EmbeddedFile> kFiles{
${entries}  };
  return kFiles;
}

}  // namespace failgate
" @ONLY)
  target_sources(${target} PRIVATE "${folder}/${symbol}.cpp")
endfunction()
