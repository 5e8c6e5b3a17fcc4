// What one caller, and all callers together, may cost the scheduler at the socket. Plain values, any thread.
#pragma once

#include <QHostAddress>

#include <chrono>
#include <vector>

namespace loa::api {

struct Limits {
    qsizetype headBytes = 16 * 1024;             // request line and header fields; more is answered 431
    qsizetype bodyBytes = 16 * 1024 * 1024;      // body of one request, decoded; more is answered 413
    qsizetype bufferedBytes = 256 * 1024 * 1024; // bodies in memory at one time, all connections; more is answered 503
    std::chrono::milliseconds idle{30'000};      // a head must be complete within it, whatever drips in
    qsizetype progressBytes = 16 * 1024; // least that must pass within each `idle` of a body or an answer (or its rest)
    std::chrono::milliseconds linger{2'000};     // how long a refused sender is listened to, so that it can read why
    int connections = 2'000;                     // in all; more are answered 503 and closed
    int connectionsPerAddress = 64;              // more are answered 429 and closed; trusted proxies are not counted
    std::chrono::milliseconds pingEvery{20'000}; // WebSockets; one that leaves two pings unanswered is closed
    std::vector<QHostAddress> trustedProxies;    // whose X-Forwarded-For and X-Forwarded-Proto are believed
};

} // namespace loa::api
