# What HTML reports are made of: our style and scripts, and the charting package, which npm fetches
# once for all build folders into build/npm, by the hashes of package-lock.json. All of it becomes
# part of the library, so that a report needs no network and no file.

set(HG_PAGE ${CMAKE_SOURCE_DIR}/lib/headgate/report/html)
set(HG_NPM ${CMAKE_SOURCE_DIR}/build/npm)
set(HG_CHARTS ${HG_NPM}/echarts.min.js.gz)

file(MAKE_DIRECTORY ${HG_NPM})
file(LOCK ${HG_NPM}/lock TIMEOUT 600)
file(SHA256 ${HG_PAGE}/package-lock.json wanted)
set(fetched "")
if(EXISTS ${HG_CHARTS} AND EXISTS ${HG_NPM}/fetched)
  file(READ ${HG_NPM}/fetched fetched)
endif()
if(NOT fetched STREQUAL wanted)
  find_program(HG_NPM_PROGRAM npm)
  if(NOT HG_NPM_PROGRAM)
    message(FATAL_ERROR "npm fetches the charts of HTML reports: ./dev build installs it")
  endif()
  file(COPY ${HG_PAGE}/package.json ${HG_PAGE}/package-lock.json DESTINATION ${HG_NPM})
  execute_process(COMMAND ${HG_NPM_PROGRAM} ci --ignore-scripts --no-audit --no-fund
                  WORKING_DIRECTORY ${HG_NPM} COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
  execute_process(COMMAND gzip -9nc node_modules/echarts/dist/echarts.min.js
                  WORKING_DIRECTORY ${HG_NPM} OUTPUT_FILE ${HG_CHARTS} COMMAND_ERROR_IS_FATAL ANY)
  file(WRITE ${HG_NPM}/fetched ${wanted})
endif()
file(LOCK ${HG_NPM}/lock RELEASE)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${HG_PAGE}/package-lock.json)

# The assembler reads the files, so the object depends on them.
file(GLOB page_files CONFIGURE_DEPENDS ${HG_PAGE}/*.js ${HG_PAGE}/*.css)
set_source_files_properties(lib/headgate/report/html/assets.cpp PROPERTIES
  COMPILE_DEFINITIONS "HG_PAGE=\"${HG_PAGE}\";HG_CHARTS=\"${HG_CHARTS}\""
  OBJECT_DEPENDS "${page_files};${HG_CHARTS}"
  SKIP_UNITY_BUILD_INCLUSION ON)
