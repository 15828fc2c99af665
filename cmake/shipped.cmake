# headgate_shipped(TARGET): the files of scenarios/ as a source of TARGET, see tools/sim/shipped.hpp.
function(headgate_shipped target)
  file(GLOB_RECURSE files RELATIVE ${CMAKE_SOURCE_DIR}/scenarios CONFIGURE_DEPENDS
       ${CMAKE_SOURCE_DIR}/scenarios/*.yaml ${CMAKE_SOURCE_DIR}/scenarios/*.csv)
  list(FILTER files EXCLUDE REGEX "^(demo|policies)/")
  list(SORT files)
  set(entries "")
  foreach(file ${files})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/scenarios/${file})
    file(READ ${CMAKE_SOURCE_DIR}/scenarios/${file} text)
    string(APPEND entries "    {R\"path(${file})path\", R\"shipped(${text})shipped\"},\n")
  endforeach()
  set(source ${CMAKE_BINARY_DIR}/shipped/shipped.cpp)
  set(text "#include \"sim/shipped.hpp\"\n\n#include <array>\n\nnamespace headgate::sim_tool {\nnamespace {\n\n\
constexpr auto kFiles = std::to_array<ShippedFile>({\n${entries}});\n\n}  // namespace\n\n\
std::span<const ShippedFile> shipped_files() noexcept { return kFiles; }\n\n\
}  // namespace headgate::sim_tool\n")
  # Written only when it changes, or every configuration would compile it again.
  file(CONFIGURE OUTPUT ${source} CONTENT "@text@" @ONLY)
  target_sources(${target} PRIVATE ${source})
endfunction()
