// The scheduler's HTTP face: /api/v1 for the web app and the agents, the web app's files for everything else. Requests
// are read and answers written on the server's thread; what lies between runs on the storage thread, one request after
// another, each in one transaction. Thread: the one it was made on, with an event loop; announceBundle() and
// pushCommand() may be called from any. Ownership: borrows storage and services, which outlive it. Failure state:
// listen() that fails leaves nothing open.
#pragma once

#include "scheduler/api/http/limits.h"
#include "scheduler/api/services.h"
#include "scheduler/store/sign_in.h"
#include "scheduler/store/storage_thread.h"

#include <QHostAddress>
#include <QObject>
#include <QString>

#include <chrono>
#include <memory>

namespace loa::api {

struct ServerSettings {
    QHostAddress address = QHostAddress::LocalHost;
    quint16 port = 0; // 0: any free one
    Limits limits;
    QString uiFolder; // the built web app; empty: none is served
    ApiSettings api;
};

class Server final : public QObject {
public:
    Server(ServerSettings settings, store::StorageThread& storage, const Services& services, QObject* parent = nullptr);
    // Closes; waits for what it still has on the storage thread.
    ~Server() override;

    // Errors: Unavailable (address or port taken), InvalidInput (web app's folder without index.html).
    [[nodiscard]] Result<void> listen();
    [[nodiscard]] quint16 port() const; // 0 when not listening
    // Ends all connections. Idempotent.
    void close();

    // Sends a signed command to whoever carries the station. Any thread.
    void pushCommand(const StationId& station, const QByteArray& sealed);
    // Tells the agents that listen for this station. Any thread.
    void announceBundle(const StationId& station, std::int64_t version);

    // Connections that are open, WebSockets included.
    [[nodiscard]] int connectionCount() const;

private:
    struct Private;
    std::unique_ptr<Private> m_d;
};

} // namespace loa::api
