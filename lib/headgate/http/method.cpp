#include "headgate/http/method.hpp"

#include <array>

namespace headgate::http {
namespace {

constexpr std::array<std::string_view, 9> kNames = {"GET",    "HEAD",    "POST",    "PUT",  "PATCH",
                                                    "DELETE", "OPTIONS", "CONNECT", "TRACE"};

}  // namespace

Method method_of(std::string_view text) noexcept {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (text == kNames[i]) return static_cast<Method>(i);
  }
  return Method::kUnknown;
}

std::string_view to_text(Method method) noexcept {
  const auto index = static_cast<std::size_t>(method);
  return index < kNames.size() ? kNames[index] : std::string_view{};
}

std::string to_text(MethodSet methods) {
  std::string text;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (!methods.has(static_cast<Method>(i))) continue;
    if (!text.empty()) text += ", ";
    text += kNames[i];
  }
  return text;
}

}  // namespace headgate::http
