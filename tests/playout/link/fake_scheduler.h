// An HTTP server on 127.0.0.1 whose every answer is written by the test: bytes as they go on the wire, pauses, broken
// connections. Thread: the test's, whose event loop it needs.
#pragma once

#include "scheduler/contract/agent_request.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QUrl>

#include <chrono>
#include <functional>
#include <map>
#include <vector>

namespace loa::playout::test {

struct FakeRequest {
    QByteArray method;
    QByteArray path;
    std::map<QByteArray, QByteArray> headers; // names in lower case
    QByteArray body;

    [[nodiscard]] QByteArray header(const QByteArray& name) const
    {
        const auto found = headers.find(name);
        return found == headers.end() ? QByteArray() : found->second;
    }
    // Signed by `agent` with `key`, as the scheduler would check it. `created`: what it says of its time.
    [[nodiscard]] bool isSigned(const AgentId& agent, const VerifyKey& key, UtcTime* created = nullptr) const;
};

class FakeScheduler {
public:
    using Handler = std::function<void(const FakeRequest&, QTcpSocket&)>;

    explicit FakeScheduler(Handler handler);
    [[nodiscard]] QUrl url() const;
    [[nodiscard]] const std::vector<FakeRequest>& requests() const { return m_requests; }

    // A whole answer with its length.
    static QByteArray answer(int status, const QByteArray& body, const QByteArray& headers = {});

private:
    void read(QTcpSocket* socket);

    QTcpServer m_server;
    Handler m_handler;
    std::vector<FakeRequest> m_requests;
    std::map<QTcpSocket*, QByteArray> m_buffers;
};

// Runs the event loop until `done` or `patience` is over; false then.
bool waitUntil(const std::function<bool()>& done, std::chrono::milliseconds patience = std::chrono::seconds(20));

} // namespace loa::playout::test
