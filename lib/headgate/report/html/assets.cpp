// The assembler puts the files into the library's constants: no generated source of a megabyte, and
// g++ and clang read it alike.
#include "headgate/report/html/assets.hpp"

// NAME and NAMEEnd are where the file's bytes begin and end.
// NOLINTBEGIN(bugprone-macro-parentheses): literals are joined to literals.
#define HG_EMBED(NAME, PATH)                                                                    \
  asm(".pushsection .rodata\n.global " #NAME "\n.hidden " #NAME "\n" #NAME ":\n.incbin \"" PATH \
      "\"\n.global " #NAME "End\n.hidden " #NAME "End\n" #NAME "End:\n.byte 0\n.popsection\n"); \
  extern "C" const char NAME[];                                                                 \
  extern "C" const char NAME##End[]
// NOLINTEND(bugprone-macro-parentheses)

HG_EMBED(kPageStyle, HG_PAGE "/page.css");
HG_EMBED(kPageBase, HG_PAGE "/base.js");
HG_EMBED(kPagePoints, HG_PAGE "/points.js");
HG_EMBED(kPageTime, HG_PAGE "/time.js");
HG_EMBED(kPageFlow, HG_PAGE "/flow.js");
HG_EMBED(kPageReplay, HG_PAGE "/replay.js");
HG_EMBED(kPageTables, HG_PAGE "/tables.js");
HG_EMBED(kPageMain, HG_PAGE "/main.js");
HG_EMBED(kPageLoadCharts, HG_PAGE "/load_charts.js");
HG_EMBED(kPageLoad, HG_PAGE "/load.js");
HG_EMBED(kPageCharts, HG_CHARTS);

namespace headgate::report::html {
namespace {

std::string_view between(const char* begin, const char* end) noexcept {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::string_view style() noexcept { return between(kPageStyle, kPageStyleEnd); }

std::array<std::string_view, 7> scripts() noexcept {
  return {between(kPageBase, kPageBaseEnd),     between(kPagePoints, kPagePointsEnd),
          between(kPageTime, kPageTimeEnd),     between(kPageFlow, kPageFlowEnd),
          between(kPageReplay, kPageReplayEnd), between(kPageTables, kPageTablesEnd),
          between(kPageMain, kPageMainEnd)};
}

std::array<std::string_view, 4> load_scripts() noexcept {
  return {between(kPageBase, kPageBaseEnd), between(kPageTables, kPageTablesEnd),
          between(kPageLoadCharts, kPageLoadChartsEnd), between(kPageLoad, kPageLoadEnd)};
}

std::string_view charts_gzip() noexcept { return between(kPageCharts, kPageChartsEnd); }

}  // namespace headgate::report::html
