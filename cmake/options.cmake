# The strict set: what gcc and clang both know, then what only one does.
set(CROFT_WARNINGS -Wall -Wextra -Werror -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes
    -Wmissing-prototypes -Wswitch-enum -Wvla -Wundef -Wformat=2 -Wcast-qual -Wpointer-arith
    -Wdouble-promotion -Wnull-dereference -Wimplicit-fallthrough -Wwrite-strings)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    list(APPEND CROFT_WARNINGS -Wlogical-op -Wduplicated-cond -Wduplicated-branches)
endif()
add_compile_options(-fno-common -fno-strict-aliasing -ffp-contract=off)
add_compile_definitions(_GNU_SOURCE)

option(CROFT_AUDIT "Walk and recompute the whole state after every block" OFF)
option(CROFT_FUZZ "Build the libFuzzer targets (clang)" OFF)
set(CROFT_SANITIZE "" CACHE STRING "Comma-separated sanitizers: address,undefined or thread or undefined")

if(CROFT_AUDIT)
    add_compile_definitions(CROFT_AUDIT)
endif()
if(CROFT_SANITIZE)
    add_compile_options(-fsanitize=${CROFT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${CROFT_SANITIZE})
endif()
if(CROFT_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
