// Tells systemd how the service is: ready, alive, stopping (sd_notify(3): datagrams of VAR=value lines to the socket in
// $NOTIFY_SOCKET). Without systemd it says nothing and costs nothing.
//
// Thread: one. Failure: a word that cannot be delivered is dropped; systemd then restarts what it thinks is dead, which
// is what a watchdog is for.
#pragma once

#include <QByteArray>
#include <QString>

#include <chrono>
#include <optional>

namespace loa::playout {

class ServiceNotice {
public:
    // From the environment: NOTIFY_SOCKET (a path, or '@' and an abstract name), WATCHDOG_USEC, WATCHDOG_PID.
    [[nodiscard]] static ServiceNotice fromEnvironment();
    // `socket` empty: nobody listens.
    ServiceNotice(QByteArray socket, std::optional<std::chrono::microseconds> watchdog);
    ~ServiceNotice();
    ServiceNotice(ServiceNotice&& other) noexcept;
    ServiceNotice& operator=(ServiceNotice&&) = delete;

    void ready() { send("READY=1"); }
    void stopping() { send("STOPPING=1"); }
    // For `systemctl status`; one line.
    void status(const QString& text) { send("STATUS=" + text.toUtf8().replace('\n', ' ')); }
    void alive() { send("WATCHDOG=1"); }
    // How often alive() is to be called: a third of what systemd waits; nullopt: it does not watch.
    [[nodiscard]] std::optional<std::chrono::milliseconds> aliveEvery() const;

private:
    void send(const QByteArray& words) const;

    QByteArray m_socket;
    std::optional<std::chrono::microseconds> m_watchdog;
    int m_descriptor = -1;
};

} // namespace loa::playout
