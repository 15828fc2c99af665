#include "headgate/config/recorded.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>

namespace headgate::config {
namespace {

constexpr std::size_t kRecordedBytesMax = std::size_t{512} << 20;

std::string beside(const std::string& document, const std::string& file) {
  return (std::filesystem::path{document}.parent_path() / file).string();
}

}  // namespace

Result<std::string> recorded_file_text(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) return failed(Errc::kIo, path, "cannot be read");
  std::string content;
  std::array<char, 65'536> block{};
  while (in.read(block.data(), block.size()), in.gcount() > 0) {
    content.append(block.data(), static_cast<std::size_t>(in.gcount()));
    if (content.size() > kRecordedBytesMax) {
      return failed(Errc::kInvalidArgument, path, "is larger than 512 MiB");
    }
  }
  return content;
}

std::optional<std::string> recorded_text(const Node& node, Reading& reading) {
  const auto file = text().read(node, reading);
  if (!file) return std::nullopt;
  Result<std::string> content = recorded_file_text(beside(reading.file(), *file));
  if (content) return *std::move(content);
  reading.error("GW001", node.at, fmt::format("{} {}", content.error().where, content.error().why));
  return std::nullopt;
}

void report_recorded(const Node& node, Reading& reading, const Error& error) {
  reading.error(
      "GW001", node.at,
      fmt::format("{}: {} {}", beside(reading.file(), node.text), error.where, error.why));
}

}  // namespace headgate::config
