#include "scheduler/api/server.h"

#include "scheduler/api/event_hub.h"
#include "scheduler/api/http/listener.h"
#include "scheduler/api/http/problem.h"
#include "scheduler/api/http/static_files.h"
#include "scheduler/api/maintenance.h"
#include "scheduler/api/router.h"

#include <QLoggingCategory>
#include <QTimer>

namespace loa::api {

namespace {

Q_LOGGING_CATEGORY(serverLog, "loa.api.server")

constexpr std::chrono::minutes tidyEvery{10};
constexpr int ownDescriptors = 256; // database, files being sent, logs

bool isForApi(const Request& request)
{
    return !request.segments.empty() && request.segments.front() == QLatin1String("api");
}

} // namespace

struct Server::Private final : Listener::Handler {
    Private(Server& server, ServerSettings given, store::StorageThread& thread, const Services& shared)
        : self(server), settings(std::move(given)), storage(thread), services(shared), router(services, settings.api)
    {
    }

    void handle(Request request, Reply reply) override;
    [[nodiscard]] qsizetype bodyLimit(const Request& request) const override
    {
        return isForApi(request) ? Router::bodyLimit(request) : smallBody;
    }
    void upgraded(QTcpSocket* socket, const Subscription& subscription) override { hub->accept(socket, subscription); }
    void tidy();

    Server& self;
    const ServerSettings settings;
    store::StorageThread& storage;
    const Services services;
    const Router router;
    std::optional<StaticFiles> pages;
    std::unique_ptr<EventHub> hub;
    std::unique_ptr<Listener> listener;
    QTimer tidyTimer;
};

void Server::Private::handle(Request request, Reply reply)
{
    if (!isForApi(request)) {
        Response response = pages ? pages->handle(request)
                                  : problem(Error{ErrorCategory::NotFound,
                                                  {QStringLiteral("Máy chủ này không có giao diện web."),
                                                   QStringLiteral("This scheduler has no web app.")},
                                                  {}},
                                            request.path);
        addSecurityHeaders(response);
        reply(std::move(response));
        return;
    }
    storage.dispatch([this, request = std::move(request), reply = std::move(reply)](store::Database& database) mutable {
        Response response = router.handle(std::move(request), database);
        addSecurityHeaders(response);
        QMetaObject::invokeMethod(
            &self,
            [this, reply = std::move(reply), response = std::move(response)]() mutable {
                if (hub && !response.silences.isEmpty())
                    hub->silence(response.silences);
                reply(std::move(response));
            },
            Qt::QueuedConnection);
    });
}

void Server::Private::tidy()
{
    storage.dispatch([this](store::Database& database) {
        const auto removed = tidyUp(database, services, settings.api);
        if (!removed)
            qCWarning(serverLog).noquote() << QStringLiteral("task=tidy error=") + describe(removed.error());
        else if (*removed > 0)
            qCInfo(serverLog).noquote() << QStringLiteral("task=tidy uploads_removed=%1").arg(*removed);
    });
}

Server::Server(ServerSettings settings, store::StorageThread& storage, const Services& services, QObject* parent)
    : QObject(parent), m_d(std::make_unique<Private>(*this, std::move(settings), storage, services))
{
    connect(&m_d->tidyTimer, &QTimer::timeout, this, [this] { m_d->tidy(); });
}

Server::~Server()
{
    close();
    // What is queued there still borrows from here.
    m_d->storage.run([](store::Database&) { return true; }).waitForFinished();
}

Result<void> Server::listen()
{
    close();
    if (!m_d->settings.uiFolder.isEmpty()) {
        auto pages = StaticFiles::open(m_d->settings.uiFolder);
        if (!pages)
            return passOn(pages);
        m_d->pages = *std::move(pages);
    }
    const int descriptors = m_d->settings.limits.connections + ownDescriptors;
    if (!allowDescriptors(descriptors))
        qCWarning(serverLog) << "the system allows fewer open files than the connections configured, wanted="
                             << descriptors;
    m_d->hub = std::make_unique<EventHub>(m_d->settings.limits,
                                          [this](const QString& order, std::uint32_t sequence, const QByteArray& opus) {
                                              return m_d->services.commanding.speech(OrderId{order}, sequence, opus);
                                          });
    m_d->listener = std::make_unique<Listener>(m_d->settings.limits, m_d->services.clock, *m_d);
    if (!m_d->listener->listen(m_d->settings.address, m_d->settings.port)) {
        const QString why = m_d->listener->errorString();
        const QString where = QStringLiteral("%1:%2").arg(m_d->settings.address.toString()).arg(m_d->settings.port);
        close();
        return fail(ErrorCategory::Unavailable,
                    {QStringLiteral("Không mở được cổng HTTP: %1.").arg(why),
                     QStringLiteral("Cannot listen for HTTP: %1.").arg(why)},
                    where);
    }
    m_d->tidyTimer.start(tidyEvery);
    m_d->tidy();
    return {};
}

quint16 Server::port() const
{
    return m_d->listener ? m_d->listener->serverPort() : quint16(0);
}

void Server::close()
{
    m_d->tidyTimer.stop();
    // Sockets report to the listener until they are gone, so the hub's go first.
    m_d->hub.reset();
    m_d->listener.reset();
}

void Server::announceBundle(const StationId& station, std::int64_t version)
{
    QMetaObject::invokeMethod(
        this,
        [this, station, version] {
            if (m_d->hub)
                m_d->hub->announce(station.value, {{QStringLiteral("type"), QStringLiteral("bundle")},
                                                   {QStringLiteral("station"), station.value},
                                                   {QStringLiteral("version"), qint64(version)}});
        },
        Qt::QueuedConnection);
}

void Server::pushCommand(const StationId& station, const QByteArray& sealed)
{
    QMetaObject::invokeMethod(
        this,
        [this, station, sealed] {
            if (m_d->hub)
                m_d->hub->announce(station.value, {{QStringLiteral("type"), QStringLiteral("command")},
                                                   {QStringLiteral("station"), station.value},
                                                   {QStringLiteral("sealed"), QString::fromUtf8(sealed)}});
        },
        Qt::QueuedConnection);
}

int Server::connectionCount() const
{
    return m_d->listener ? m_d->listener->connectionCount() : 0;
}

} // namespace loa::api
