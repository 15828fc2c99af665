// The expectations of the sheet as JUnit XML.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "headgate/report/sheet.hpp"

namespace headgate::report {
namespace {

// For texts and attributes alike. XML 1.0 has no form for most control characters.
std::string xml_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\n':
        escaped += "&#10;";
        break;
      case '\t':
        escaped += "&#9;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) < 0x20 ? std::string{"\uFFFD"} : std::string{c};
    }
  }
  return escaped;
}

std::string test_case(const SheetCheck& check, std::string_view suite) {
  const std::string head =
      fmt::format("    <testcase classname=\"{}\" name=\"{}\"", suite, xml_text(check.expect));
  if (check.passed && check.certain) return head + "/>\n";
  const std::string_view element = check.certain ? "failure" : "error";
  std::string body = "expected: " + check.expect + "\nobserved: " + check.observed;
  if (!check.why.empty()) body += "\nwhy: " + check.why;
  return head + fmt::format(">\n      <{} type=\"{}\" message=\"{}\">{}</{}>\n    </testcase>\n",
                            element, check.certain ? "failed" : "inconclusive",
                            xml_text(check.observed), xml_text(body), element);
}

}  // namespace

std::string junit_text(const Sheet& sheet) {
  const std::string suite = xml_text(sheet.title.empty() ? "scenario" : sheet.title);
  const auto failures = std::ranges::count_if(
      sheet.checks, [](const SheetCheck& c) { return c.certain && !c.passed; });
  const auto errors =
      std::ranges::count_if(sheet.checks, [](const SheetCheck& c) { return !c.certain; });
  const std::string counts = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\"",
                                         sheet.checks.size(), failures, errors);
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  text += fmt::format("<testsuites {}>\n  <testsuite name=\"{}\" {}>\n", counts, suite, counts);
  for (const SheetCheck& check : sheet.checks) text += test_case(check, suite);
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace headgate::report
