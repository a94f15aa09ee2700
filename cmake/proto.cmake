# proto/croft/v1/*.proto -> protobuf-c; generated code is compiled without our warnings.
find_program(PROTOC_C protoc-c REQUIRED)
set(CROFT_GENERATED_DIR ${CMAKE_BINARY_DIR}/gen)
file(GLOB proto_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/proto/croft/v1/*.proto)
set(proto_sources)
foreach(file ${proto_files})
    get_filename_component(name ${file} NAME_WE)
    set(out ${CROFT_GENERATED_DIR}/croft/v1/${name}.pb-c)
    add_custom_command(OUTPUT ${out}.c ${out}.h
        COMMAND ${CMAKE_COMMAND} -E make_directory ${CROFT_GENERATED_DIR}
        COMMAND ${PROTOC_C} --proto_path=${CMAKE_SOURCE_DIR}/proto --c_out=${CROFT_GENERATED_DIR} croft/v1/${name}.proto
        DEPENDS ${proto_files} VERBATIM)
    list(APPEND proto_sources ${out}.c)
endforeach()
add_library(croft_proto STATIC ${proto_sources})
target_include_directories(croft_proto SYSTEM PUBLIC ${CROFT_GENERATED_DIR})
target_link_libraries(croft_proto PUBLIC PkgConfig::PROTOBUFC)
