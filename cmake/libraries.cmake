# The libraries of others, as Debian has them: shared, but for RocksDB (cmake/rocksdb.cmake) and libcsv.
# cmake/static.cmake has the same names for archives.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(simdjson REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tl-expected REQUIRED)
pkg_check_modules(ISAL REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
add_library(tidemark::spdlog ALIAS spdlog::spdlog)

add_library(tidemark_pugixml INTERFACE)
add_library(tidemark::pugixml ALIAS tidemark_pugixml)
target_link_libraries(tidemark_pugixml INTERFACE pugixml)

find_library(CSV_ARCHIVE libcsv.a REQUIRED)
add_library(tidemark_csv INTERFACE)
add_library(tidemark::csv ALIAS tidemark_csv)
target_link_libraries(tidemark_csv INTERFACE ${CSV_ARCHIVE})

if(NOT TIDEMARK_SANITIZE)
  find_library(MIMALLOC_LIBRARY mimalloc REQUIRED)
  add_library(tidemark_mimalloc INTERFACE)
  add_library(tidemark::mimalloc ALIAS tidemark_mimalloc)
  target_link_libraries(tidemark_mimalloc INTERFACE ${MIMALLOC_LIBRARY})
endif()
