// What reading and writing a head costs: the user time that a gateway adds to each request. A head
// is parsed and rendered once in each direction.
#include <benchmark/benchmark.h>

#include <array>
#include <string>

#include "headgate/http/chunked.hpp"
#include "headgate/http/render.hpp"
#include "headgate/http/request.hpp"
#include "headgate/http/response.hpp"
#include "headgate/http/uri.hpp"

namespace headgate::http {
namespace {

// 150 bytes, as a load generator or a service sends it.
std::string small_request() {
  return "GET /orders/12345?expand=items HTTP/1.1\r\n"
         "Host: api.example.com\r\n"
         "User-Agent: check/1.0 (x86_64)\r\n"
         "Accept: application/json\r\n"
         "X-Api-Key: 0123456789abcde\r\n"
         "\r\n";
}

// What a browser sends.
std::string browser_request() {
  return "GET /static/app/main.css HTTP/1.1\r\n"
         "Host: www.example.com\r\n"
         "Connection: keep-alive\r\n"
         "Cache-Control: max-age=0\r\n"
         "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/126.0.0.0 Safari/537.36\r\n"
         "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8\r\n"
         "Accept-Encoding: gzip, deflate, br, zstd\r\n"
         "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n"
         "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=yes\r\n"
         "Sec-Fetch-Dest: document\r\n"
         "Sec-Fetch-Mode: navigate\r\n"
         "Sec-Fetch-Site: none\r\n"
         "Upgrade-Insecure-Requests: 1\r\n"
         "\r\n";
}

std::string response() {
  return "HTTP/1.1 200 OK\r\n"
         "Server: nginx/1.22.1\r\n"
         "Date: Fri, 20 Nov 2026 12:00:00 GMT\r\n"
         "Content-Type: application/json\r\n"
         "Content-Length: 1024\r\n"
         "Connection: keep-alive\r\n"
         "\r\n";
}

void parse_request(benchmark::State& state, std::string bytes) {
  RequestParser parser;
  for (auto _ : state) {
    parser.reset();
    benchmark::DoNotOptimize(parser.parse(bytes));
  }
  state.counters["bytes"] = static_cast<double>(bytes.size());
}
BENCHMARK_CAPTURE(parse_request, small, small_request());
BENCHMARK_CAPTURE(parse_request, browser, browser_request());

void examine_request(benchmark::State& state, std::string bytes) {
  RequestParser parser;
  benchmark::DoNotOptimize(parser.parse(bytes));
  for (auto _ : state) {
    benchmark::DoNotOptimize(examine(parser.head(), bytes.data()));
    benchmark::ClobberMemory();
  }
}
BENCHMARK_CAPTURE(examine_request, small, small_request());
BENCHMARK_CAPTURE(examine_request, browser, browser_request());

void parse_response(benchmark::State& state) {
  const std::string bytes = response();
  ResponseParser parser;
  for (auto _ : state) {
    parser.reset();
    benchmark::DoNotOptimize(parser.parse(bytes));
    benchmark::DoNotOptimize(examine(parser.head(), Method::kGet));
  }
}
BENCHMARK(parse_response);

void render_request(benchmark::State& state, std::string bytes) {
  RequestParser parser;
  benchmark::DoNotOptimize(parser.parse(bytes));
  const Request request = examine(parser.head(), bytes.data()).value();
  std::array<char, kRenderedHeadMax> out{};
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        render_request(parser.head(), request, {.client = "192.0.2.1", .via = "headgate"}, out));
    benchmark::ClobberMemory();
  }
}
BENCHMARK_CAPTURE(render_request, small, small_request());
BENCHMARK_CAPTURE(render_request, browser, browser_request());

void render_response(benchmark::State& state) {
  const std::string bytes = response();
  ResponseParser parser;
  benchmark::DoNotOptimize(parser.parse(bytes));
  const Response upstream = examine(parser.head(), Method::kGet).value();
  std::array<char, kRenderedHeadMax> out{};
  for (auto _ : state) {
    benchmark::DoNotOptimize(render_response(parser.head(), upstream.body, {}, out));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(render_response);

void canonical_path(benchmark::State& state, const char* path) {
  const std::string raw = path;
  std::string out = raw;
  for (auto _ : state) benchmark::DoNotOptimize(http::canonical_path(raw, out));
}
BENCHMARK_CAPTURE(canonical_path, plain, "/orders/12345/items/7");
BENCHMARK_CAPTURE(canonical_path, escaped, "/orders//12345/./%69tems/caf%c3%a9");

void decode_chunks(benchmark::State& state) {
  std::string bytes;
  for (int i = 0; i < 64; ++i) bytes += "400\r\n" + std::string(1024, 'x') + "\r\n";
  bytes += kLastChunk;
  for (auto _ : state) {
    ChunkedDecoder decoder;
    std::string_view input = bytes;
    while (!decoder.done()) {
      const ChunkedDecoder::Step step = decoder.next(input);
      input.remove_prefix(step.framing + step.data);
    }
    benchmark::DoNotOptimize(input);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(decode_chunks);

}  // namespace
}  // namespace headgate::http
