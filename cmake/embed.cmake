# Files that become part of the program: data/economics and the page of `croft advise --html`.
file(GLOB advise_tables CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/data/economics/*.csv)
set(advise_page ${CMAKE_SOURCE_DIR}/web/advise/dist/report.html)
set(CROFT_EMBEDDED ${CROFT_GENERATED_DIR}/advise_builtin.c)
add_custom_command(OUTPUT ${CROFT_EMBEDDED}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CROFT_GENERATED_DIR}
    COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/embed.py ${CROFT_EMBEDDED} ${advise_page} ${advise_tables}
    DEPENDS ${advise_tables} ${advise_page} ${CMAKE_SOURCE_DIR}/tools/embed.py VERBATIM)
