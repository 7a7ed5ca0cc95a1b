# Puts the files of console/dist, which script/build-console makes and the repository keeps, into the program: neither
# Node nor npm is needed to build it. For each there is a pair of symbols around its bytes, and a line in the list that
# server/console/console_files.h declares.

function(tidemark_embed_console library)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/console/dist/*.gz)
  if(NOT files)
    message(FATAL_ERROR "console/dist has no files: run script/build-console")
  endif()
  set(assembly "")
  set(symbols "")
  set(lines "")
  set(number 0)
  foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME)
    string(REGEX REPLACE "\\.gz$" "" name ${name})
    string(APPEND assembly "    \".global tidemark_console_${number}, tidemark_console_${number}_end\\n\"\n"
                           "    \"tidemark_console_${number}:\\n\"\n"
                           "    \".incbin \\\"${file}\\\"\\n\"\n"
                           "    \"tidemark_console_${number}_end:\\n\"\n")
    string(APPEND symbols "extern const char tidemark_console_${number}[];\n"
                          "extern const char tidemark_console_${number}_end[];\n")
    string(APPEND lines "      {\"${name}\", between(tidemark_console_${number}, tidemark_console_${number}_end)},\n")
    math(EXPR number "${number} + 1")
  endforeach()
  set(source ${PROJECT_BINARY_DIR}/console_files.cc)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT "// Written by cmake/console.cmake.
#include \"server/console/console_files.h\"

__asm__(
    \".section .rodata\\n\"
${assembly}    \".previous\\n\");

extern \"C\" {
${symbols}}

namespace tidemark::server {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::span<const ConsoleFile> console_files() {
  static const ConsoleFile files[] = {
${lines}  };
  return files;
}

}  // namespace tidemark::server
")
  # The compiler does not tell of what the assembler reads.
  set_property(SOURCE ${source} PROPERTY OBJECT_DEPENDS ${files})
  target_sources(${library} PRIVATE ${source})
endfunction()
