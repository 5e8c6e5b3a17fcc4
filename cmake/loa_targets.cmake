# One library target a folder, one program a main.cpp, one test program a folder.
include(CMakeParseArguments)

# Everything finds its headers from the repository root: #include "media/error.h".
function(loa_target_defaults target)
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
  set_target_properties(${target} PROPERTIES AUTOMOC OFF)
endfunction()

# loa_headers(NAME HEADERS … [OPTIONS …]): headers compiled once, for targets of the same options to reuse. Nothing in the dev preset, which so
# finds a file that includes too little.
function(loa_headers name)
  cmake_parse_arguments(ARG "" "" "HEADERS;OPTIONS" ${ARGN})
  if(LOA_PRECOMPILE)
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp CONTENT "")
    add_library(${name} STATIC ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
    loa_target_defaults(${name})
    target_link_libraries(${name} PUBLIC Qt6::Core tl::expected Threads::Threads)
    target_compile_options(${name} PRIVATE ${ARG_OPTIONS})
    target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
  endif()
endfunction()

# loa_library(NAME SOURCES … [DEPENDS …] [MOC]): MOC for folders whose classes carry Q_OBJECT.
function(loa_library name)
  cmake_parse_arguments(ARG "MOC" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  loa_target_defaults(${name})
  if(ARG_MOC)
    set_target_properties(${name} PROPERTIES AUTOMOC ON)
  endif()
  target_link_libraries(${name} PUBLIC Qt6::Core tl::expected Threads::Threads ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE_DEPENDS})
  file(RELATIVE_PATH room ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  if(LOA_ROOM_OPTIONS AND room MATCHES ${LOA_FOREIGN_BYTES})
    return() # headers compiled ahead are for the others' options
  endif()
  target_compile_options(${name} PRIVATE ${LOA_ROOM_OPTIONS})
  if(LOA_PRECOMPILE)
    target_compile_options(${name} PRIVATE -fpch-preprocess)
    target_precompile_headers(${name} REUSE_FROM loa_headers)
  endif()
endfunction()

# loa_program(NAME SOURCES … [DEPENDS …]) lands in build/…/bin.
function(loa_program name)
  cmake_parse_arguments(ARG "MOC" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  loa_target_defaults(${name})
  if(ARG_MOC)
    set_target_properties(${name} PROPERTIES AUTOMOC ON)
  endif()
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS})
endfunction()

# All test programs of this build: ninja loa_tests.
add_custom_target(loa_tests)

# loa_test(NAME SOURCES … [DEPENDS …] [LABELS …] [TIMEOUT s]): a Catch2 program, one CTest entry.
# LABELS choose where it runs: none = release and asan; "threads" = tsan as well; "integration" = release alone.
function(loa_test name)
  cmake_parse_arguments(ARG "MOC" "TIMEOUT" "SOURCES;DEPENDS;LABELS" ${ARGN})
  if(NOT LOA_TESTS OR (LOA_ONLY_LABEL AND NOT LOA_ONLY_LABEL IN_LIST ARG_LABELS)
     OR (LOA_SKIP_LABEL AND LOA_SKIP_LABEL IN_LIST ARG_LABELS))
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF) # each test file keeps its own small helpers
  add_dependencies(loa_tests ${name})
  loa_target_defaults(${name})
  if(ARG_MOC)
    set_target_properties(${name} PROPERTIES AUTOMOC ON)
  endif()
  target_link_libraries(${name} PRIVATE loa_test_main ${ARG_DEPENDS})
  if(LOA_PRECOMPILE)
    target_compile_options(${name} PRIVATE ${LOA_TEST_OPTIONS})
    target_precompile_headers(${name} REUSE_FROM loa_test_headers)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  # The longest first (those that may take longest do): otherwise one core waits for the other at the end.
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} COST ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
    ENVIRONMENT "LOA_BIN_DIR=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};LOA_SOURCE_DIR=${CMAKE_SOURCE_DIR};QT_LOGGING_RULES=qt.*=false")
endfunction()

# loa_bench(NAME SOURCES … [DEPENDS …]): a Google Benchmark program, run by ./loa bench NAME (without the bench_ prefix).
function(loa_bench name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  if(NOT LOA_BENCHMARKS)
    return()
  endif()
  find_package(benchmark REQUIRED)
  add_executable(${name} ${ARG_SOURCES})
  loa_target_defaults(${name})
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF) # each file has a benchmark's words for itself
  target_compile_definitions(${name} PRIVATE LOA_BENCH_NAME="${name}" LOA_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}" LOA_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE benchmark::benchmark ${ARG_DEPENDS})
endfunction()
