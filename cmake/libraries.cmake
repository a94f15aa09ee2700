# Each library and what it is for stands in design section 9 and docs/decisions/.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(PROTOBUFC REQUIRED IMPORTED_TARGET libprotobuf-c)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(EVENT REQUIRED IMPORTED_TARGET libevent)
pkg_check_modules(SMARTCOLS REQUIRED IMPORTED_TARGET smartcols)
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
find_library(LMDB_LIBRARY lmdb REQUIRED)
find_library(CSV_LIBRARY csv REQUIRED)

set(CROFT_LIBRARIES PkgConfig::SODIUM PkgConfig::CRYPTO PkgConfig::PROTOBUFC PkgConfig::JANSSON
    PkgConfig::EVENT ${LMDB_LIBRARY} ${CSV_LIBRARY} ${CMAKE_DL_LIBS} Threads::Threads m)
set(CROFT_CLI_LIBRARIES PkgConfig::SMARTCOLS)
