# Warnings as errors, sanitizers and ccache, the same for every target.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
                    -Wimplicit-fallthrough -Werror -fno-strict-overflow)
add_compile_definitions(QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_KEYWORDS QT_NO_FOREACH TOML_EXCEPTIONS=1)

# Unity builds (see CMakePresets.json) join sources: what is in one file's anonymous namespace then looks shared to GCC.
if(CMAKE_UNITY_BUILD)
  add_compile_options(-Wno-subobject-linkage)
endif()

# A program loads the libraries it calls, not those that a part of it that it leaves out would have called.
add_link_options(-Wl,--as-needed)

if(LOA_SANITIZE)
  list(JOIN LOA_SANITIZE "," sanitizers)
  add_compile_options(-fsanitize=${sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${sanitizers})
  # GCC's sanitizers raise these two on sound library code (libstdc++, Qt) that they inline into.
  add_compile_options(-Wno-maybe-uninitialized -Wno-stringop-overflow)
endif()

# UBSan's check of each pointer is two fifths of what compiling under both sanitizers costs, and AddressSanitizer finds what it would but for
# alignment. It is kept where foreign bytes are read.
set(LOA_ROOM_OPTIONS "")
set(LOA_FOREIGN_BYTES "^(media|scheduler/contract|scheduler/imports|playout/output|playout/link)(/|$)")
if(LOA_SANITIZE MATCHES "undefined")
  set(LOA_ROOM_OPTIONS -fno-sanitize=null,alignment,object-size)
endif()

# How test files are compiled where their headers are compiled ahead, in the gate: what they test keeps its preset's
# optimisation and sanitizers; the test files, two thirds of what is compiled, do without the costliest of their own.
set(LOA_TEST_OPTIONS -fpch-preprocess)
if(LOA_SANITIZE MATCHES "undefined")
  list(APPEND LOA_TEST_OPTIONS -fno-sanitize=undefined)
elseif(NOT LOA_SANITIZE)
  list(APPEND LOA_TEST_OPTIONS -O1)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM}) # with -fpch-preprocess: what it asks for precompiled headers
endif()
