#include "common/study.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "headgate/report/file.hpp"
#include "headgate/report/manifest.hpp"

namespace headgate::study {

void leave(const std::string& folder, const std::vector<std::string>& command, const Files& files,
           const report::Json& more) {
  if (folder.empty()) return;
  std::filesystem::create_directories(folder);
  const auto write = [&](const std::string& name, const std::string& text) {
    if (const auto written = report::write_file(folder + "/" + name, text); !written) {
      throw std::runtime_error(written.error().where + ": " + written.error().why);
    }
  };
  report::Json manifest = report::manifest_json(report::collect_manifest(command));
  if (!more.is_null()) manifest.update(more);
  write("manifest.json", report::to_text(manifest));
  for (const auto& [name, text] : files) write(name, text);
  std::printf("written to %s\n", folder.c_str());
}

int ending(const char* name, const std::function<int()>& work) {
  try {
    return work();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "study.%s: %s\n", name, error.what());
    return 2;
  }
}

}  // namespace headgate::study
