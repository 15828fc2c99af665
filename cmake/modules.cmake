# How the tree becomes targets: one object library per module, all of them one shared library.

include(CMakePackageConfigHelpers)
set_property(GLOBAL PROPERTY HEADGATE_MODULES "")

# headgate_module(NAME [USES module...] [LIBS target...])
# A module is a folder under lib/headgate; it links only what it names. Header-only modules and
# modules that do not exist yet are interface targets.
function(headgate_module name)
  cmake_parse_arguments(arg "" "" "USES;LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/lib/headgate/${name}/*.cpp)
  list(TRANSFORM arg_USES PREPEND headgate_)
  if(sources)
    add_library(headgate_${name} OBJECT ${sources})
    target_include_directories(headgate_${name} PUBLIC ${CMAKE_SOURCE_DIR}/lib)
    target_link_libraries(headgate_${name} PUBLIC ${arg_USES} ${arg_LIBS})
    set_target_properties(headgate_${name} PROPERTIES UNITY_BUILD ${HG_UNITY}
                                                      UNITY_BUILD_BATCH_SIZE ${HG_UNITY_BATCH})
    set_property(GLOBAL APPEND PROPERTY HEADGATE_MODULES ${name})
  else()
    add_library(headgate_${name} INTERFACE)
    target_include_directories(headgate_${name} INTERFACE ${CMAKE_SOURCE_DIR}/lib)
    target_link_libraries(headgate_${name} INTERFACE ${arg_USES} ${arg_LIBS})
  endif()
endfunction()

# libheadgate.so out of every module, with its headers and a CMake package.
function(headgate_library)
  get_property(modules GLOBAL PROPERTY HEADGATE_MODULES)
  add_library(headgate SHARED)
  foreach(module ${modules})
    target_sources(headgate PRIVATE $<TARGET_OBJECTS:headgate_${module}>)
  endforeach()
  # Public headers use the standard library only: what the modules link stays inside.
  target_link_libraries(headgate PRIVATE fmt::fmt ZLIB::ZLIB PkgConfig::YAML PkgConfig::RDKAFKA
                                         PkgConfig::HIREDIS PkgConfig::NGHTTP2 OpenSSL::SSL
                                         Threads::Threads)
  target_include_directories(headgate PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/lib>
                                             $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(headgate PUBLIC cxx_std_23)
  # Calls within the library go straight to their function, not through a table that is for others.
  target_link_options(headgate PRIVATE -Wl,-Bsymbolic-functions)
  set_target_properties(headgate PROPERTIES VERSION ${PROJECT_VERSION}
                                            SOVERSION ${PROJECT_VERSION_MAJOR})
  install(TARGETS headgate EXPORT headgate LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/lib/headgate DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
          FILES_MATCHING PATTERN "*.hpp")
  install(EXPORT headgate FILE headgate-config.cmake NAMESPACE headgate::
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/headgate)
  # Below 1.0 a minor version may break what it likes.
  write_basic_package_version_file(${CMAKE_BINARY_DIR}/headgate-config-version.cmake
                                   COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_BINARY_DIR}/headgate-config-version.cmake
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/headgate)
endfunction()

# headgate_tool(NAME): the command of tools/NAME. Its files are compiled together in every build: each
# takes 10 s alone, nearly all of it for CLI11's and nlohmann's headers.
function(headgate_tool name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  set_target_properties(${name} PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tools)
  target_compile_definitions(${name} PRIVATE HG_VERSION="${PROJECT_VERSION}")
  target_link_libraries(${name} PRIVATE headgate CLI11::CLI11 nlohmann_json::nlohmann_json fmt::fmt
                                          Threads::Threads)
  set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${HG_UNITY_BATCH})
  # See HG_UNITY.
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()
