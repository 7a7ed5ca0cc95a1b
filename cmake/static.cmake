# TIDEMARK_STATIC: the libraries of others as archives, so that the program needs nothing of the machine it runs on.
# Debian has most of them beside the shared ones; simdjson, ISA-L and mimalloc it has not, script/package builds these from
# Debian's sources into TIDEMARK_ARCHIVES. spdlog and fmt are compiled from their headers.

set(TIDEMARK_ARCHIVES ${PROJECT_SOURCE_DIR}/build/package/archives CACHE PATH
    "Where libsimdjson.a, libisal.a and mimalloc.o are")

find_package(Threads REQUIRED)
set(OPENSSL_USE_STATIC_LIBS ON)
find_package(OpenSSL REQUIRED)
set(ZLIB_USE_STATIC_LIBS ON)
find_package(CLI11 REQUIRED)
find_package(tl-expected REQUIRED)
add_library(tidemark_spdlog INTERFACE)
add_library(tidemark::spdlog ALIAS tidemark_spdlog)
target_compile_definitions(tidemark_spdlog INTERFACE SPDLOG_FMT_EXTERNAL FMT_HEADER_ONLY)

# Makes `target` of the archive called `file`.
function(tidemark_archive target file)
  string(MAKE_C_IDENTIFIER "${target}_ARCHIVE" found)
  find_library(${found} ${file} PATHS ${TIDEMARK_ARCHIVES} REQUIRED)
  string(MAKE_C_IDENTIFIER ${target} library)
  add_library(${library} INTERFACE)
  target_link_libraries(${library} INTERFACE ${${found}})
  add_library(${target} ALIAS ${library})
endfunction()

tidemark_archive(simdjson::simdjson libsimdjson.a)
tidemark_archive(PkgConfig::ISAL libisal.a)
tidemark_archive(PkgConfig::ZSTD libzstd.a)
tidemark_archive(PkgConfig::XXHASH libxxhash.a)
tidemark_archive(PkgConfig::YAML libyaml.a)
tidemark_archive(ZLIB::ZLIB libz.a)
tidemark_archive(tidemark::pugixml libpugixml.a)
tidemark_archive(tidemark::csv libcsv.a)
# An object and no archive: its malloc has to come before glibc's, whoever asks for it first.
find_file(MIMALLOC_OBJECT mimalloc.o PATHS ${TIDEMARK_ARCHIVES} REQUIRED NO_DEFAULT_PATH)
add_library(tidemark_mimalloc INTERFACE)
add_library(tidemark::mimalloc ALIAS tidemark_mimalloc)
target_link_libraries(tidemark_mimalloc INTERFACE ${MIMALLOC_OBJECT})

add_link_options(-static -Wl,--gc-sections)
