// How the agent is, for who stands at the machine: a page for people and figures for Prometheus, on loopback alone.
//
// metricsText() and statusHtml() are pure. StatusServer: one thread, that of its event loop; GET / and GET /metrics of
// HTTP/1.x, one answer a connection; a request over 4 KiB or two seconds long, and a ninth connection at a time, are
// dropped. It shows nothing secret: no key, no password, no address of an output.
// Failure: Unavailable when the port is taken.
#pragma once

#include "playout/agent/agent.h"

#include <QByteArray>
#include <QObject>

#include <functional>
#include <memory>

class QTcpServer;
class QTcpSocket;

namespace loa::playout {

struct AgentStatus {
    AgentHealth health;
    QString agent;
    QString software;
    std::int64_t cacheBytes = 0;
    std::int64_t cacheBudget = 0;
    std::chrono::seconds uptime{0};
};

// Prometheus text format 0.0.4.
[[nodiscard]] QByteArray metricsText(const AgentStatus& status);
[[nodiscard]] QByteArray statusHtml(const AgentStatus& status);

class StatusServer final : public QObject {
public:
    using Ask = std::function<AgentStatus()>;
    // Port 0: any free one.
    [[nodiscard]] static Result<std::unique_ptr<StatusServer>> listen(quint16 port, Ask ask);
    ~StatusServer() override;
    [[nodiscard]] quint16 port() const;

private:
    explicit StatusServer(Ask ask);
    void accept();
    void answer(QTcpSocket& socket, const QByteArray& request);

    Ask m_ask;
    std::unique_ptr<QTcpServer> m_server;
    int m_connections = 0;
};

} // namespace loa::playout
