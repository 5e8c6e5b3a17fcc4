// The link of a running agent: HTTP with signed requests (RFC 9421, see contract/agent_request.h) and a WebSocket on
// which the scheduler announces new bundles and sends commands. The network has a thread (link_thread.h); nothing here
// waits for it. Requests are signed with the scheduler's time as its Date header tells it, so that an agent whose clock
// is wrong can still report so; that time is used for nothing else. Certificates are verified, redirects refused,
// answers limited in size and time. Threads: SchedulerLink's functions on the agent's; the waker is called on the
// network's. Failure: category Unavailable for whatever may pass, else that of the scheduler's problem document.
#pragma once

#include "playout/link/link_thread.h"
#include "playout/link/scheduler_link.h"
#include "scheduler/contract/clock.h"
#include "scheduler/contract/signature.h"

#include <QString>
#include <QUrl>

#include <chrono>
#include <functional>
#include <memory>

namespace loa::playout {

// Whether the file holds the authorities that are to be believed (PEM). Error: InvalidInput, also when it is not there.
[[nodiscard]] Result<void> checkAuthorities(const QString& path);

struct HttpSettings {
    QUrl scheduler;                                 // "https://host[:port]", http only where the administrator says so
    QString caFile;                                 // PEM; empty: the system's certificates
    std::chrono::milliseconds silence{30'000};      // longest wait for the next byte
    std::chrono::milliseconds longest{300'000};     // for a whole request
    std::chrono::milliseconds firstReconnect{1000}; // of the WebSocket, doubling to longestReconnect; at once when
                                                    // other requests are answered again
    std::chrono::milliseconds longestReconnect{60'000};
    bool listen = true; // open the WebSocket
};

// Error: InvalidInput: not an absolute http(s) URL, or one with user, query or fragment. The path is a prefix ("/loa").
[[nodiscard]] Result<void> checkHttpSettings(const HttpSettings& settings);

class HttpLink final : public SchedulerLink {
public:
    // `network`, `key` and `clock` outlive the link. `waker` is called when a reply is there to take.
    HttpLink(LinkThread& network, const HttpSettings& settings, const AgentId& agent, const SigningKey& key,
             const Clock& clock, std::function<void()> waker);
    ~HttpLink() override; // gives up what is under way

    void fetchBundle(const StationId& station, std::int64_t knownVersion) override;
    void fetchMedia(const Sha256& sha256, std::int64_t offset, std::int64_t length) override;
    void sendEntries(const std::vector<SignedLogEntry>& entries) override;
    void fetchSheet(const StationId& station) override;
    void sendAnswers(const std::vector<Acknowledgement>& answers) override;
    void sendStatus(const QJsonObject& status) override;
    void onSpeech(std::function<void(const QByteArray&)> sink) override;
    [[nodiscard]] std::vector<LinkReply> takeReplies() override;

private:
    struct Network;
    std::unique_ptr<Network> m_network;
};

struct Enrolment {
    AgentId agent;
    VerifyKey schedulerKey;
    std::vector<StationId> stations;
};

// POST /agent/enrol, waiting for the answer. Thread: one with a Qt event dispatcher.
[[nodiscard]] Result<Enrolment> enrol(const HttpSettings& settings, const QString& code, const VerifyKey& agentKey,
                                      const QString& name);

// POST /agent/stations/{station}/identity: `station` of the agent gets an identity of its own, with `own` as its key.
// Waits for the answer, at most settings.longest. Same thread. Errors: NotFound too: the scheduler is of a time before.
[[nodiscard]] Result<Enrolment> separate(const HttpSettings& settings, const AgentId& agent, const SigningKey& key,
                                         const StationId& station, const SigningKey& own, const Clock& clock);

} // namespace loa::playout
