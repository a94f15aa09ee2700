# x_test.c beside x.c is a cmocka program and a CTest test; x_fuzz.c is a libFuzzer target.
enable_testing()
# cmocka's asserts do not return when they fail, which gcc -O3 cannot see.
set(CROFT_TEST_WARNINGS ${CROFT_WARNINGS} -Wno-null-dereference)
file(GLOB_RECURSE test_files CONFIGURE_DEPENDS src/*_test.c sim/*_test.c bench/*_test.c)
foreach(file ${test_files})
    file(RELATIVE_PATH name ${CMAKE_SOURCE_DIR} ${file})
    string(REGEX REPLACE "^src/|\\.c$" "" name ${name})
    string(REPLACE "/" "_" target ${name})
    add_executable(${target} ${file})
    target_link_libraries(${target} PRIVATE croft_core PkgConfig::CMOCKA)
    target_compile_options(${target} PRIVATE ${CROFT_TEST_WARNINGS})
    add_test(NAME ${name} COMMAND ${target} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endforeach()

# The page of `croft advise --html` in a browser; 77: no browser could be had, and the output says why.
add_test(NAME advise_report COMMAND python3 tests/advise_report_test.py --skip-code 77 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(advise_report PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 900)

# A vector file is what its generator writes.
add_test(NAME market/settle_vectors COMMAND python3 tools/make_settle_vectors.py --check WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME wire/voucher_vectors COMMAND python3 tools/make_voucher_vectors.py --check WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})

if(CROFT_FUZZ)
    file(GLOB_RECURSE fuzz_files CONFIGURE_DEPENDS src/*_fuzz.c)
    foreach(file ${fuzz_files})
        get_filename_component(target ${file} NAME_WE)
        add_executable(${target} ${file})
        target_link_libraries(${target} PRIVATE croft_core)
        target_compile_options(${target} PRIVATE ${CROFT_WARNINGS} -fsanitize=fuzzer)
        target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    endforeach()
endif()
