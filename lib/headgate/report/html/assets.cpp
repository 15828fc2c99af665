// The assembler puts the files into the library's constants: no generated source of a megabyte, and
// g++ and clang read it alike.
#include "headgate/report/html/assets.hpp"

// NAME and NAME_end are where the file's bytes begin and end.
#define HG_EMBED(NAME, PATH)                                                                       \
  asm(".pushsection .rodata\n.global " #NAME "\n.hidden " #NAME "\n" #NAME ":\n.incbin \"" PATH    \
      "\"\n.global " #NAME "_end\n.hidden " #NAME "_end\n" #NAME "_end:\n.byte 0\n.popsection\n"); \
  extern "C" const char NAME[];                                                                    \
  extern "C" const char NAME##_end[]

HG_EMBED(hg_page_style, HG_PAGE "/page.css");
HG_EMBED(hg_page_base, HG_PAGE "/base.js");
HG_EMBED(hg_page_points, HG_PAGE "/points.js");
HG_EMBED(hg_page_time, HG_PAGE "/time.js");
HG_EMBED(hg_page_flow, HG_PAGE "/flow.js");
HG_EMBED(hg_page_replay, HG_PAGE "/replay.js");
HG_EMBED(hg_page_tables, HG_PAGE "/tables.js");
HG_EMBED(hg_page_main, HG_PAGE "/main.js");
HG_EMBED(hg_page_charts, HG_CHARTS);

namespace headgate::report::html {
namespace {

std::string_view between(const char* begin, const char* end) noexcept {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::string_view style() noexcept { return between(hg_page_style, hg_page_style_end); }

std::array<std::string_view, 7> scripts() noexcept {
  return {between(hg_page_base, hg_page_base_end),     between(hg_page_points, hg_page_points_end),
          between(hg_page_time, hg_page_time_end),     between(hg_page_flow, hg_page_flow_end),
          between(hg_page_replay, hg_page_replay_end), between(hg_page_tables, hg_page_tables_end),
          between(hg_page_main, hg_page_main_end)};
}

std::string_view charts_gzip() noexcept { return between(hg_page_charts, hg_page_charts_end); }

}  // namespace headgate::report::html
