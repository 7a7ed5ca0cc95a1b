# Compiles the sources of a target in groups, several to one run of the compiler: a fifth of the time for a whole build.
# What one file declares for itself alone stays apart (unity_groups.py). For whole builds only: while one file is edited,
# the preset `fast` compiles that file alone.

option(TIDEMARK_UNITY "Compile sources in groups: a whole build is several times faster" OFF)
set(TIDEMARK_UNITY_SIZE 10 CACHE STRING "Sources in a group at most")

if(TIDEMARK_UNITY)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
endif()

function(tidemark_compile_together target)
  if(NOT TIDEMARK_UNITY)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "^/.*\\.cc$")
  execute_process(COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/cmake/unity_groups.py ${TIDEMARK_UNITY_SIZE}
                          ${sources}
                  OUTPUT_VARIABLE groups OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" groups "${groups}")
  foreach(line IN LISTS groups)
    string(REGEX MATCH "^([0-9]+) (.*)$" matched "${line}")
    set_source_files_properties(${CMAKE_MATCH_2} PROPERTIES UNITY_GROUP ${target}_${CMAKE_MATCH_1})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # GCC takes every file of a group for a header, in which a private type must not leave the file.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endfunction()
