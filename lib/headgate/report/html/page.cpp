#include "headgate/report/html/page.hpp"

#include <zlib.h>

#include <nlohmann/json.hpp>
#include <span>

#include "headgate/core/check.hpp"
#include "headgate/report/html/assets.hpp"

namespace headgate::report::html {
namespace {

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

// JSON in a script element ends at "</script": "<" is written so that it cannot appear.
std::string script_json(const Json& data) {
  const std::string json = data.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string safe;
  safe.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

// The package lies in the library: it is whole, or the build was broken.
std::string inflated(std::string_view gzip) {
  z_stream stream{};
  HG_ASSERT(inflateInit2(&stream, 15 + 16) == Z_OK);  // 16: gzip's header and check sum
  // zlib does not write to its input, but an old interface says that it might.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  std::string text;
  int state = Z_OK;
  while (state == Z_OK) {
    const std::size_t begin = text.size();
    text.resize(begin + (std::size_t{1} << 18));
    stream.next_out = reinterpret_cast<Bytef*>(text.data() + begin);
    stream.avail_out = static_cast<uInt>(text.size() - begin);
    state = inflate(&stream, Z_NO_FLUSH);
    text.resize(text.size() - stream.avail_out);
  }
  HG_ASSERT(state == Z_STREAM_END);
  inflateEnd(&stream);
  return text;
}

std::string page_of(std::string_view title, const Json& data,
                    std::span<const std::string_view> scripts) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:\">\n";
  html += "<title>" + escaped(title) + "</title>\n<style>\n";
  html.append(style()).append("</style>\n</head>\n<body>\n<main></main>\n");
  html += "<noscript>The charts of this page are drawn by its scripts.</noscript>\n";
  html += "<script type=\"application/json\" id=\"data\">" + script_json(data) + "</script>\n";
  html += "<script>" + inflated(charts_gzip()) + "</script>\n<script>\n";
  for (const std::string_view script : scripts) html.append(script);
  return html + "</script>\n</body>\n</html>\n";
}

}  // namespace

std::string page(std::string_view title, const Json& data) {
  return page_of(title, data, scripts());
}

std::string load_page(std::string_view title, const Json& data) {
  return page_of(title, data, load_scripts());
}

}  // namespace headgate::report::html
