# One static library per folder, with the folders it may include and the order of its rooms. The rule is enforced three
# times: a cycle fails to configure, a wrong include fails the test lint.layers, a symbol borrowed from above fails to
# link. Rooms are folders inside a folder: of them only lint.layers knows.

file(WRITE ${PROJECT_BINARY_DIR}/layers.txt "")
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/link_main.cc CONTENT "int main() {}\n")

function(tidemark_library folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "MAY_INCLUDE;LINK;ROOMS;ROOM_MAY_INCLUDE")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/program/main\\.cc$")
  list(JOIN arg_MAY_INCLUDE " " allowed)
  list(JOIN arg_ROOMS " " rooms)
  file(APPEND ${PROJECT_BINARY_DIR}/layers.txt "${folder} ${allowed} | ${rooms}\n")
  if(arg_ROOM_MAY_INCLUDE)
    # The first is the room, what follows are layers that it alone may include.
    list(POP_FRONT arg_ROOM_MAY_INCLUDE room)
    list(JOIN arg_ROOM_MAY_INCLUDE " " allowed)
    file(APPEND ${PROJECT_BINARY_DIR}/layers.txt "${folder}/${room} ${allowed} |\n")
    list(APPEND arg_MAY_INCLUDE ${arg_ROOM_MAY_INCLUDE})
  endif()

  set(library tidemark_${folder})
  if(sources)
    add_library(${library} STATIC ${sources})
    tidemark_compile_together(${library})
    set(scope PUBLIC)
  else()
    add_library(${library} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${library} ${scope} ${PROJECT_SOURCE_DIR})
  foreach(lower IN LISTS arg_MAY_INCLUDE)
    if(NOT TARGET tidemark_${lower})
      message(FATAL_ERROR "${folder} may include only folders declared before it, not ${lower}")
    endif()
    target_link_libraries(${library} ${scope} tidemark_${lower})
  endforeach()
  target_link_libraries(${library} ${scope} ${arg_LINK})

  if(TIDEMARK_TESTS AND sources)
    # Every object of the folder must find its symbols in the declared layers alone.
    add_executable(link_${folder} ${PROJECT_BINARY_DIR}/link_main.cc)
    target_link_libraries(link_${folder} PRIVATE $<LINK_LIBRARY:WHOLE_ARCHIVE,${library}>)
  endif()
endfunction()
