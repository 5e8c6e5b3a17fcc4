// The network's thread, shared by the links of a process: Qt's HTTP makes a thread of its own for each manager, which a
// hub of hundreds of stations cannot pay. Thread: any; manager() on the network's alone. Ownership: outlives its links.
#pragma once

#include <QThread>

#include <memory>
#include <vector>

class QNetworkAccessManager;

namespace loa::playout {

class LinkThread {
public:
    LinkThread();
    ~LinkThread();
    LinkThread(const LinkThread&) = delete;
    LinkThread& operator=(const LinkThread&) = delete;

    [[nodiscard]] QThread& thread() { return m_thread; }
    [[nodiscard]] QNetworkAccessManager& manager() { return *m_manager; }

private:
    QThread m_thread;
    QObject* m_anchor; // on the thread, so that calls arrive there
    std::unique_ptr<QNetworkAccessManager> m_manager;
};

// For the links of a hub: a thread that waits for many lines looks at all of them each time that one speaks, so that a
// single one would cost the square of their number. Thread: the agents'.
class LinkThreads {
public:
    static constexpr std::size_t linksEach = 64;

    // For one more link.
    [[nodiscard]] LinkThread& next();

private:
    std::vector<std::unique_ptr<LinkThread>> m_threads;
    std::size_t m_links = 0;
};

} // namespace loa::playout
