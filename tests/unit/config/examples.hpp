// Documents that several tests of this module read: the examples of the user's documentation,
// reduced to what this version carries out.
#pragma once

#include <string>

namespace headgate::config::test {

inline const std::string kGatewayYaml = R"(listeners:
- {name: http, bind: 127.0.0.1:8080}          # port 0 = any free one
services:                                       # a pool of targets each
  orders:
    targets: [{url: "http://127.0.0.1:9001", weight: 1}, {name: b, url: "http://127.0.0.1:9002"}]
    balance: {policy: two_choices}
    timeouts: {connect: 500ms, response: 2s}
routes:
- name: orders
  match: {hosts: [api.example.com], path: {prefix: /orders}, methods: [GET, POST]}
  filters:                                      # run in this order; one key each
  - rate_limit: {algorithm: token_bucket, rate: 100/s, burst: 20, key: client_ip}
  - publish: {topic: requests}                  # one event per answered request
  service: orders
- name: orders-in
  match: {path: {exact: /events}, methods: [POST]}
  topic: requests
topics: {requests: {store: main}}
queues: {work: {store: main, lease: 30s, max_deliveries: 5, dead_letter: work.dead}}
stores: {main: {journal: {dir: data/main, durability: disk}}}
logs: {access: {path: access.jsonl}}
workers: 1                                      # default: one per core
admin: {bind: 127.0.0.1:9901}                   # /metrics /healthz /readyz /stats /config
tests: [{request: "GET http://api.example.com/orders/1", route: orders}]
)";

inline const std::string kGatewayJson = R"({
  "listeners": [{"name": "http", "bind": "127.0.0.1:8080"}],
  "services": {"orders": {
    "targets": [{"url": "http://127.0.0.1:9001", "weight": 1},
                {"name": "b", "url": "http://127.0.0.1:9002"}],
    "balance": {"policy": "two_choices"},
    "timeouts": {"connect": "500ms", "response": "2s"}}},
  "routes": [
    {"name": "orders",
     "match": {"hosts": ["api.example.com"], "path": {"prefix": "\/orders"},
               "methods": ["GET", "POST"]},
     "filters": [{"rate_limit": {"algorithm": "token_bucket", "rate": "100/s", "burst": 20,
                                 "key": "client_ip"}},
                 {"publish": {"topic": "requests"}}],
     "service": "orders"},
    {"name": "orders-in", "match": {"path": {"exact": "/events"}, "methods": ["POST"]},
     "topic": "requests"}],
  "topics": {"requests": {"store": "main"}},
  "queues": {"work": {"store": "main", "lease": "30s", "max_deliveries": 5,
                      "dead_letter": "work.dead"}},
  "stores": {"main": {"journal": {"dir": "data/main", "durability": "disk"}}},
  "logs": {"access": {"path": "access.jsonl"}},
  "workers": 1,
  "admin": {"bind": "127.0.0.1:9901"},
  "tests": [{"request": "GET http://api.example.com/orders/1", "route": "orders"}]
})";

inline const std::string kScenarioYaml =
    R"(question: Which balancer at 90 % load on ten equal servers?
arrivals: {poisson: 900/s}
services:                                # what stands behind the gateway, by service name
  orders:
    targets: 10
    servers: 1                           # requests that one target serves at once
    queue: unlimited                     # or a number; over it: refused
    discipline: fifo
    time: {exponential: 10ms}
    balance: {policy: two_choices}       # only without a gateway
    except: [{target: 2, time: {exponential: 30ms}}]
clients: {timeout: 1s, retry: {attempts: 0}}
sweep: {policy: {path: services.orders.balance.policy, values: [random, round_robin, two_choices]}, load: [0.5, 0.8, 0.9]}
run: {precision: 1%, on: [response_time.mean], seed: 1}
expect:
- {expect: "response_time.mean = 56.603ms within 1.5% at policy=round_robin,load=0.9", why: "every server is an E10/M/1 queue"}
- "response_time.mean: two_choices < round_robin < random at load=0.9"
)";

inline const std::string kPlanYaml =
    R"(targets: [{url: "http://127.0.0.1:8080/orders", weight: 1}]
arrivals: {poisson: 300/s}
connections: 64
threads: 1
duration: 15s
timeout: 5s
requests: [{method: GET, path: "/orders/{sequence}", headers: {x-api-key: k1}}]
expect: ["response_time.p99 < 20ms", "failed_share < 0.1%"]
)";

}  // namespace headgate::config::test
