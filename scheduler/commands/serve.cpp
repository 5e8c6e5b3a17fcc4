// loa-scheduler serve: wires storage thread, ingest, planning and HTTP together and runs until told to stop.
// Threads: main (event loop: sockets, ingest processes, timers), storage (database, handlers, planning), one disk
// thread of the ingest queue.
#include "scheduler/api/server.h"
#include "scheduler/commands/command.h"
#include "scheduler/commands/data_folder.h"
#include "scheduler/commands/log.h"
#include "scheduler/commands/planning_loop.h"
#include "scheduler/commands/settings.h"
#include "scheduler/commands/shutdown_signal.h"
#include "scheduler/library/store_record.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QLoggingCategory>

#include <atomic>

namespace loa::commands {

namespace {

Q_LOGGING_CATEGORY(logServe, "loa.serve")

constexpr OptionSpec serveOptions[] = {
    {"config", "FILE", "configuration; config/scheduler.toml is a commented example",
     "tệp cấu hình; xem ví dụ có chú giải ở config/scheduler.toml", false, true},
    {"port-file", "FILE", "write the port here once requests are taken (for port = 0)",
     "ghi số cổng vào tệp này khi đã sẵn sàng (dùng khi port = 0)"},
};

// Everything that runs, in the order in which it is made; taken down in the reverse one.
class Running {
public:
    Running(const Settings& settings, const DataFolder& folder, SigningKey key)
        : m_settings(settings), m_folder(folder), m_key(std::move(key))
    {
    }
    ~Running() { stop(); }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    [[nodiscard]] Result<void> start()
    {
        auto storage = store::StorageThread::start(m_folder.database());
        if (!storage)
            return passOn(storage);
        m_storage = *std::move(storage);
        auto uploads = library::UploadStore::open(m_folder.path);
        if (!uploads)
            return passOn(uploads);
        auto media = library::MediaLibrary::open(m_folder.path);
        if (!media)
            return passOn(media);

        const Result<int> orphans = m_storage
                                        ->run([files = *uploads](store::Database& database) {
                                            return library::removeOrphanUploads(database, files);
                                        })
                                        .result();
        if (!orphans)
            return passOn(orphans);
        m_storage
            ->run([this](store::Database& database) {
                m_planning = std::make_unique<fleet::Planning>(
                    database, m_key, m_clock,
                    [this](const StationId& station, std::int64_t version) {
                        if (api::Server* server = m_announceTo)
                            server->announceBundle(station, version);
                    },
                    m_settings.freezeAhead, m_settings.leastMatch);
            })
            .waitForFinished();

        m_commanding = std::make_unique<fleet::Commanding>(m_key, m_clock,
                                                           [this](const StationId& station, const QByteArray& sealed) {
                                                               if (api::Server* server = m_announceTo)
                                                                   server->pushCommand(station, sealed);
                                                           });
        m_loop = std::make_unique<PlanningLoop>(*m_storage, *m_planning, m_clock);
        m_record = std::make_unique<library::StoreRecord>(*m_storage, m_clock);
        m_ingest =
            std::make_unique<library::IngestQueue>(m_settings.ingest, m_folder.path, *media, *uploads, *m_record);
        if (auto started = m_ingest->start(); !started)
            return started;

        const api::Services services{
            m_clock,
            *media,
            *uploads,
            *m_planning,
            *m_commanding,
            m_key.verifyKey(),
            [this](const library::IngestJob& job) { m_ingest->enqueue(job); },
            [this] { m_loop->soon(); },
            [folder = m_settings.presets]() -> Result<imports::Presets> {
                const auto found = folder.isEmpty() ? imports::findPresets() : Result<QString>(folder);
                return found ? imports::loadPresets(*found) : passOn(found);
            },
        };
        m_server = std::make_unique<api::Server>(m_settings.server, *m_storage, services);
        if (auto listening = m_server->listen(); !listening)
            return listening;
        m_announceTo = m_server.get();
        m_loop->start(m_settings.planEvery);
        return {};
    }

    [[nodiscard]] quint16 port() const { return m_server->port(); }

    void stop()
    {
        if (!m_storage)
            return;
        if (m_loop)
            m_loop->stop();
        if (m_server)
            m_server->close();
        m_announceTo = nullptr;
        // What is queued may still call ingest and server: it ends before they do.
        m_storage->run([](store::Database&) {}).waitForFinished();
        m_server.reset();
        m_ingest.reset();
        m_loop.reset();
        m_storage->run([this](store::Database&) { m_planning.reset(); }).waitForFinished();
        m_storage->stop();
        m_storage.reset();
    }

private:
    const Settings& m_settings;
    const DataFolder& m_folder;
    const SystemClock m_clock;
    const SigningKey m_key;
    std::unique_ptr<store::StorageThread> m_storage;
    std::unique_ptr<fleet::Planning> m_planning;     // made, used and ended on the storage thread
    std::unique_ptr<fleet::Commanding> m_commanding; // used on the storage thread
    std::unique_ptr<PlanningLoop> m_loop;
    std::unique_ptr<library::StoreRecord> m_record;
    std::unique_ptr<library::IngestQueue> m_ingest;
    std::unique_ptr<api::Server> m_server;
    std::atomic<api::Server*> m_announceTo = nullptr;
};

Result<int> runServe(const Arguments& arguments)
{
    const auto settings = readSettings(arguments.value("config"));
    if (!settings)
        return passOn(settings);
    const DataFolder folder{QDir(settings->data).absolutePath()};
    static const SystemClock logClock;
    installLog(settings->log, logClock);

    // Opened once before, so that a missing folder is told in words; migrations and damage show here too.
    if (const auto database = openDatabase(folder); !database)
        return passOn(database);
    const auto lock = takeLock(folder);
    if (!lock)
        return passOn(lock);
    auto key = SigningKey::load(folder.key());
    if (!key)
        return passOn(key);
    const QFileInfo reader(settings->ingest.program);
    if (!reader.isFile() || !reader.isExecutable())
        return fail(ErrorCategory::Unavailable,
                    {QStringLiteral("không có chương trình đọc âm thanh loa-media"),
                     QStringLiteral("the audio reader loa-media is not there")},
                    settings->ingest.program);

    Running running(*settings, folder, *std::move(key));
    if (auto started = running.start(); !started)
        return passOn(started);
    const auto signalled = ShutdownSignal::install([](int number) {
        qCInfo(logServe).nospace() << "event=stopping signal=" << number;
        QCoreApplication::quit();
    });
    if (!signalled)
        return passOn(signalled);

    if (arguments.has("port-file")) {
        const QByteArray port = QByteArray::number(running.port()) + '\n';
        if (auto written = library::writeWhole(QFileInfo(arguments.value("port-file")).absoluteFilePath(), port);
            !written)
            return passOn(written);
    }
    qCInfo(logServe).noquote().nospace() << "event=ready address=" << settings->server.address.toString()
                                         << " port=" << running.port() << " data=" << folder.path;
    QCoreApplication::exec();
    running.stop();
    qCInfo(logServe).noquote() << "event=stopped";
    return exitDone;
}

constexpr CommandSpec serveSpecs[] = {
    {"serve", "", "Serve web pages, API and agents until SIGTERM.",
     "Phục vụ trang web, API và các máy phát đến khi nhận SIGTERM.", serveOptions, &runServe},
};

} // namespace

std::span<const CommandSpec> serveCommands()
{
    return serveSpecs;
}

} // namespace loa::commands
