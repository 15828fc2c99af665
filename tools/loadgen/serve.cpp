// `loadgen serve`: a test upstream until SIGTERM or SIGINT.
#include <csignal>
#include <cstdio>

#include "commands.hpp"
#include "headgate/arrival/catalog.hpp"
#include "headgate/core/text.hpp"
#include "headgate/load/upstream.hpp"

namespace headgate::loadgen {
namespace {

struct ServeFlags {
  std::string bind = "127.0.0.1:9001";
  std::string time;
  std::size_t workers = 1;
  std::string size = "1KiB";
  std::string status = "200";
  std::uint64_t seed = 1;
  std::string cert;
  std::string key;
};

ServeFlags& serve_flags() {
  static ServeFlags flags;
  return flags;
}

/// What the flags mean, or the first that means nothing.
Result<load::UpstreamOptions> read_serve(const ServeFlags& flags) {
  load::UpstreamOptions options;
  options.workers = flags.workers;
  options.seed = flags.seed;
  const auto bind = net::Address::parse(flags.bind);
  if (!bind) return std::unexpected(bind.error());
  options.bind = *bind;
  if (!flags.time.empty()) {
    const auto time = arrival::parse_distribution(flags.time);
    if (!time) return std::unexpected(time.error());
    options.time = *time;
  }
  const auto size = parse_bytes(flags.size);
  if (!size) return std::unexpected(size.error());
  options.size = *size;
  auto statuses = load::parse_status_mix(flags.status);
  if (!statuses) return std::unexpected(statuses.error());
  options.statuses = *std::move(statuses);
  if (flags.cert.empty() && flags.key.empty()) return options;
  if (flags.cert.empty()) {
    return failed(Errc::kInvalidArgument, "--key",
                  "a key is no use without its certificate: --cert");
  }
  auto tls = net::TlsContext::server({.cert = flags.cert, .key = flags.key, .alpn = {"http/1.1"}});
  if (!tls) return std::unexpected(tls.error());
  options.tls = *std::move(tls);
  return options;
}

void print_served(const load::UpstreamCounts& counts) {
  std::uint64_t answers = 0;
  for (const auto& [status, count] : counts.statuses) answers += count;
  std::fprintf(stderr, "served %llu requests on %llu connections",
               static_cast<unsigned long long>(answers),
               static_cast<unsigned long long>(counts.connections));
  for (const auto& [status, count] : counts.statuses) {
    std::fprintf(stderr, ", %d: %llu", status, static_cast<unsigned long long>(count));
  }
  if (counts.refused > 0) {
    std::fprintf(stderr, ", malformed: %llu", static_cast<unsigned long long>(counts.refused));
  }
  std::fputc('\n', stderr);
}

}  // namespace

CLI::App* add_serve(CLI::App& app) {
  CLI::App* command = app.add_subcommand("serve", "a test upstream with a known service time");
  command
      ->add_option("--bind", serve_flags().bind,
                   "HOST:PORT, port 0 takes any free one; or unix:/SOCKET")
      ->capture_default_str();
  command->add_option("--time", serve_flags().time,
                      "service time, drawn for each request: 10ms, " +
                          arrival::distribution_examples() + " (default: none)");
  command
      ->add_option("--workers", serve_flags().workers, "requests served at once; the others wait")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--size", serve_flags().size, "bytes of each body")->capture_default_str();
  command->add_option("--status", serve_flags().status, "status, or a mix by weight: 200:99,503:1")
      ->capture_default_str();
  command->add_option("--seed", serve_flags().seed, "of service times and statuses")
      ->capture_default_str();
  command->add_option("--cert", serve_flags().cert,
                      "PEM file of a certificate chain: speak TLS, and HTTP/1.1 within");
  command->add_option("--key", serve_flags().key, "its private key (default: in the same file)");
  command->footer(
      "Prints `ready http=HOST:PORT` (with TLS `ready https=HOST:PORT`) once it accepts, and what "
      "it\nserved when it ends.\n\n"
      "Examples:\n"
      "  loadgen serve --bind 127.0.0.1:9001 --time exponential:5ms --workers 1\n"
      "  loadgen serve --bind 127.0.0.1:0 --size 64KiB --status 200:99,503:1");
  return command;
}

ExitCode serve() {
  const auto options = read_serve(serve_flags());
  if (!options) {
    complain(options.error());
    return ExitCode::kUsage;
  }
  // Blocked here, so that the upstream's thread inherits it and only sigwait takes them.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  auto upstream = load::Upstream::start(*options);
  if (!upstream) {
    complain(upstream.error());
    return ExitCode::kUsage;
  }
  std::printf("ready %s=%s\n", options->tls ? "https" : "http",
              (*upstream)->address().to_text().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  print_served((*upstream)->stop());
  return ExitCode::kYes;
}

}  // namespace headgate::loadgen
