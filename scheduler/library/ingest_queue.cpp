#include "scheduler/library/ingest_queue.h"

#include "scheduler/library/disk.h"

#include <QDir>
#include <QFileInfo>
#include <QLoggingCategory>
#include <QProcess>
#include <QTimer>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <mutex>
#include <optional>

namespace loa::library {

namespace {

Q_LOGGING_CATEGORY(logIngest, "loa.ingest")

constexpr qint64 maxErrorOutput = 16 * 1024;

bool sameVersion(const IngestJob& a, const IngestJob& b)
{
    return a.item == b.item && a.version == b.version;
}

Error readerError(ErrorCategory category, const QString& vi, const QString& en)
{
    return {category, {vi, en}, {}};
}

} // namespace

struct IngestQueue::Run {
    enum class State { Queued, Waiting, Reading, Recording };

    IngestJob job;
    State state = State::Queued;
    int attempt = 0;
    int recordAttempt = 0;
    QString folder;
    std::unique_ptr<QProcess> process;
    std::unique_ptr<QTimer> timer; // wall time while reading, delay while waiting
    QByteArray output;
    QByteArray errorOutput;
    std::optional<Error> stopped; // why the queue itself ended the process
    std::optional<IngestedMedia> media;
    std::optional<Error> refusal;
};

// Work for the queue's thread from others. Closed by the destructor, so that a late answer finds nobody instead of a
// dead object.
struct IngestQueue::Mailbox {
    std::mutex mutex;
    IngestQueue* queue = nullptr;

    void post(std::function<void(IngestQueue&)> work)
    {
        const std::lock_guard lock(mutex);
        if (queue == nullptr)
            return;
        IngestQueue* target = queue;
        QMetaObject::invokeMethod(
            target, [target, work = std::move(work)] { work(*target); }, Qt::QueuedConnection);
    }
};

IngestQueue::IngestQueue(IngestSettings settings, const QString& dataDir, MediaLibrary library, UploadStore uploads,
                         IngestRecord& record, QObject* parent)
    : QObject(parent), m_settings(std::move(settings)), m_workFolder(dataDir + QStringLiteral("/ingest")),
      m_library(std::move(library)), m_uploads(std::move(uploads)), m_record(record),
      m_mailbox(std::make_shared<Mailbox>())
{
    m_mailbox->queue = this;
    m_disk.setMaxThreadCount(1);
}

IngestQueue::~IngestQueue()
{
    {
        const std::lock_guard lock(m_mailbox->mutex);
        m_mailbox->queue = nullptr;
    }
    for (const auto& run : m_runs) {
        if (run->process && run->process->state() != QProcess::NotRunning) {
            run->process->disconnect(this);
            ::kill(-static_cast<pid_t>(run->process->processId()), SIGKILL);
            run->process->kill();
            run->process->waitForFinished(2000);
        }
    }
    m_disk.waitForDone();
}

Result<void> IngestQueue::start()
{
    if (!QDir(m_workFolder).removeRecursively())
        return fail(
            ErrorCategory::Storage,
            {QStringLiteral("không dọn được thư mục làm việc"), QStringLiteral("the work folder cannot be emptied")},
            m_workFolder);
    if (auto made = makePrivateFolder(m_workFolder); !made)
        return made;
    m_started = true;
    m_record.pending([mailbox = m_mailbox](Result<std::vector<IngestJob>> jobs) {
        mailbox->post([jobs = std::move(jobs)](IngestQueue& queue) {
            if (!jobs) {
                qCCritical(logIngest) << "event=pending-unknown error=" << describe(jobs.error());
                return;
            }
            if (!jobs->empty())
                qCInfo(logIngest).nospace() << "event=taken-up-again items=" << jobs->size();
            for (const IngestJob& job : *jobs)
                queue.take(job);
        });
    });
    pump();
    return {};
}

void IngestQueue::enqueue(const IngestJob& job)
{
    m_mailbox->post([job](IngestQueue& queue) { queue.take(job); });
}

int IngestQueue::outstanding() const
{
    return static_cast<int>(m_runs.size());
}

IngestQueue::Run* IngestQueue::find(const IngestJob& job)
{
    const auto at =
        std::find_if(m_runs.begin(), m_runs.end(), [&](const auto& run) { return sameVersion(run->job, job); });
    return at == m_runs.end() ? nullptr : at->get();
}

void IngestQueue::take(const IngestJob& job)
{
    if (find(job) != nullptr)
        return;
    auto run = std::make_unique<Run>();
    run->job = job;
    m_runs.push_back(std::move(run));
    pump();
}

void IngestQueue::pump()
{
    if (!m_started)
        return;
    const auto reading =
        std::count_if(m_runs.begin(), m_runs.end(), [](const auto& run) { return run->state == Run::State::Reading; });
    int free = m_settings.parallel - static_cast<int>(reading);
    // By index: launch() may fail at once, which never shortens the list but may change states.
    for (std::size_t i = 0; i < m_runs.size() && free > 0; ++i) {
        if (m_runs[i]->state != Run::State::Queued)
            continue;
        --free;
        launch(*m_runs[i]);
    }
}

void IngestQueue::launch(Run& run)
{
    run.state = Run::State::Reading;
    ++run.attempt;
    run.output.clear();
    run.errorOutput.clear();
    run.stopped.reset();
    run.folder =
        QStringLiteral("%1/%2-%3-%4")
            .arg(m_workFolder, run.job.item.value, QString::number(run.job.version), QString::number(run.attempt));
    if (const auto size = m_uploads.size(run.job.upload); !size) {
        const bool gone = size.error().category == ErrorCategory::NotFound;
        failed(run,
               gone ? readerError(ErrorCategory::NotFound,
                                  QStringLiteral("tệp đã tải lên không còn trên máy chủ; hãy tải lên lại"),
                                  QStringLiteral("the uploaded file is no longer on the server; upload it again"))
                    : size.error(),
               !gone);
        return;
    }
    if (auto made = makePrivateFolder(run.folder); !made) {
        failed(run, made.error(), true);
        return;
    }

    run.process = std::make_unique<QProcess>();
    QProcess& process = *run.process;
    process.setProgram(m_settings.program);
    process.setArguments(QStringList{QStringLiteral("ingest"), m_uploads.path(run.job.upload), QStringLiteral("--out"),
                                     run.folder, QStringLiteral("--json")} +
                         m_settings.arguments);
    process.setStandardInputFile(QProcess::nullDevice());
    process.setWorkingDirectory(run.folder);
    process.setChildProcessModifier([] {
        // Its own group, so that the reader's helpers end with it; it dies with the scheduler; it yields to whoever
        // answers requests.
        ::setpgid(0, 0);
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::setpriority(PRIO_PROCESS, 0, 10);
    });
    const IngestJob job = run.job;
    connect(&process, &QProcess::readyReadStandardOutput, this, [this, job] {
        if (Run* found = find(job))
            collect(*found);
    });
    connect(&process, &QProcess::readyReadStandardError, this, [this, job] {
        if (Run* found = find(job))
            collect(*found);
    });
    connect(&process, &QProcess::finished, this, [this, job] {
        if (Run* found = find(job))
            ended(*found);
    });
    connect(
        &process, &QProcess::errorOccurred, this,
        [this, job](QProcess::ProcessError error) {
            Run* found = find(job);
            if (found != nullptr && error == QProcess::FailedToStart)
                failed(*found,
                       readerError(ErrorCategory::Unavailable,
                                   QStringLiteral("không chạy được chương trình đọc âm thanh; hãy báo người quản trị"),
                                   QStringLiteral("the audio reader cannot be started; tell the administrator")),
                       true);
        },
        Qt::QueuedConnection); // QProcess may report from inside start()
    run.timer = std::make_unique<QTimer>();
    run.timer->setSingleShot(true);
    connect(run.timer.get(), &QTimer::timeout, this, [this, job] {
        Run* found = find(job);
        if (found == nullptr || !found->process)
            return;
        found->stopped =
            readerError(ErrorCategory::LimitExceeded, QStringLiteral("đọc tệp này mất quá nhiều thời gian"),
                        QStringLiteral("reading this file took too long"));
        ::kill(-static_cast<pid_t>(found->process->processId()), SIGKILL);
    });
    run.timer->start(m_settings.wallTime);
    qCInfo(logIngest).noquote().nospace()
        << "event=start item=" << job.item.value << " version=" << job.version << " attempt=" << run.attempt;
    process.start(QIODevice::ReadOnly);
}

void IngestQueue::collect(Run& run)
{
    run.output += run.process->readAllStandardOutput();
    run.errorOutput += run.process->readAllStandardError().left(maxErrorOutput - run.errorOutput.size());
    if (run.output.size() > m_settings.outputBytes && !run.stopped) {
        run.stopped = readerError(ErrorCategory::Internal, QStringLiteral("chương trình đọc âm thanh trả lời quá dài"),
                                  QStringLiteral("the audio reader's answer is too long"));
        ::kill(-static_cast<pid_t>(run.process->processId()), SIGKILL);
    }
    if (run.stopped)
        run.output.clear();
}

void IngestQueue::ended(Run& run)
{
    run.timer->stop();
    collect(run);
    if (run.stopped) {
        failed(run, Error(*run.stopped), false);
        return;
    }
    if (run.process->exitStatus() == QProcess::NormalExit && run.process->exitCode() == 0) {
        auto report = readIngestReport(run.output);
        if (!report) {
            failed(run, report.error(), true);
            return;
        }
        // Whatever it claims, nothing outside the folder that it was given is touched.
        const QFileInfo named(QDir(run.folder), report->file);
        const QString file = named.canonicalFilePath();
        if (named.isSymLink() || !named.isFile() ||
            !file.startsWith(QFileInfo(run.folder).canonicalFilePath() + u'/')) {
            failed(run,
                   readerError(ErrorCategory::Internal,
                               QStringLiteral("chương trình đọc âm thanh không để lại tệp kết quả"),
                               QStringLiteral("the audio reader left no result file")),
                   true);
            return;
        }
        adopt(run, std::move(report->media), file);
        return;
    }
    if (run.process->exitStatus() == QProcess::NormalExit && run.process->exitCode() == 2) {
        auto refusal = readIngestRefusal(run.output);
        const Error why = refusal ? *refusal : refusal.error();
        failed(run, why,
               why.category == ErrorCategory::Storage || why.category == ErrorCategory::Unavailable ||
                   why.category == ErrorCategory::Internal);
        return;
    }
    qCWarning(logIngest).noquote().nospace() << "event=reader-died item=" << run.job.item.value
                                             << " version=" << run.job.version << " exit=" << run.process->exitCode()
                                             << " said=" << QString::fromUtf8(run.errorOutput.right(500)).simplified();
    failed(
        run,
        readerError(ErrorCategory::Internal,
                    QStringLiteral("chương trình đọc âm thanh dừng đột ngột khi đọc tệp này; hãy thử tệp ở dạng khác"),
                    QStringLiteral("the audio reader stopped unexpectedly on this file; try it in another format")),
        true);
}

void IngestQueue::adopt(Run& run, IngestedMedia media, const QString& file)
{
    run.state = Run::State::Recording;
    m_disk.start([mailbox = m_mailbox, library = m_library, job = run.job, media = std::move(media), file]() mutable {
        auto stored = library.adopt(file, media.sha256);
        if (stored)
            media.bytes = stored->bytes;
        mailbox->post([job, media = std::move(media), stored](IngestQueue& queue) {
            Run* found = queue.find(job);
            if (found == nullptr)
                return;
            if (!stored) {
                queue.failed(*found, stored.error(), true);
                return;
            }
            found->media = media;
            queue.recordIngested(*found);
        });
    });
    pump();
}

void IngestQueue::recordIngested(Run& run)
{
    m_record.ingested(run.job, *run.media, [mailbox = m_mailbox, job = run.job](Result<void> result) {
        mailbox->post([job, result](IngestQueue& queue) {
            if (Run* found = queue.find(job))
                queue.recorded(*found, result);
        });
    });
}

void IngestQueue::recordRefused(Run& run)
{
    run.state = Run::State::Recording;
    m_record.refused(run.job, *run.refusal, [mailbox = m_mailbox, job = run.job](Result<void> result) {
        mailbox->post([job, result](IngestQueue& queue) {
            if (Run* found = queue.find(job))
                queue.recorded(*found, result);
        });
    });
    // Not at once: pump() may be what called.
    m_mailbox->post([](IngestQueue& queue) { queue.pump(); });
}

void IngestQueue::failed(Run& run, const Error& why, bool mayPass)
{
    if (run.timer)
        run.timer->stop();
    // The process may be what is calling.
    if (run.process) {
        run.process->disconnect(this);
        run.process.release()->deleteLater();
    }
    QDir(run.folder).removeRecursively();
    qCWarning(logIngest).noquote().nospace()
        << "event=failed item=" << run.job.item.value << " version=" << run.job.version << " attempt=" << run.attempt
        << " error=" << describe(why);
    if (!mayPass || run.attempt >= m_settings.attempts) {
        run.refusal = why;
        run.refusal->where.clear(); // a path on this machine is no word for an editor
        recordRefused(run);
        return;
    }
    run.state = Run::State::Waiting;
    run.timer = std::make_unique<QTimer>();
    run.timer->setSingleShot(true);
    connect(run.timer.get(), &QTimer::timeout, this, [this, job = run.job] {
        if (Run* found = find(job)) {
            found->state = Run::State::Queued;
            pump();
        }
    });
    run.timer->start(m_settings.retryAfter * (1 << std::min(run.attempt - 1, 10)));
    m_mailbox->post([](IngestQueue& queue) { queue.pump(); });
}

void IngestQueue::recorded(Run& run, const Result<void>& result)
{
    const bool ready = run.media.has_value();
    if (!result) {
        const ErrorCategory category = result.error().category;
        qCWarning(logIngest).noquote().nospace()
            << "event=not-recorded item=" << run.job.item.value << " version=" << run.job.version
            << " error=" << describe(result.error());
        if (category != ErrorCategory::Conflict && category != ErrorCategory::NotFound) {
            // The database will take it later; the work is not done again for that.
            ++run.recordAttempt;
            run.timer = std::make_unique<QTimer>();
            run.timer->setSingleShot(true);
            connect(run.timer.get(), &QTimer::timeout, this, [this, job = run.job] {
                if (Run* found = find(job))
                    found->media ? recordIngested(*found) : recordRefused(*found);
            });
            run.timer->start(m_settings.retryAfter * (1 << std::min(run.recordAttempt - 1, 10)));
            return;
        }
    } else {
        qCInfo(logIngest).noquote().nospace() << "event=" << (ready ? "ready" : "refused")
                                              << " item=" << run.job.item.value << " version=" << run.job.version;
    }
    const IngestJob job = run.job;
    drop(run);
    if (result)
        Q_EMIT finished(job, ready);
    pump();
}

void IngestQueue::drop(Run& run)
{
    QDir(run.folder).removeRecursively();
    // Its bytes are in the library now, or were refused. Should this fail, the next start's tidying takes them.
    if (auto removed = m_uploads.remove(run.job.upload); !removed)
        qCWarning(logIngest).noquote().nospace() << "event=upload-left-behind error=" << describe(removed.error());
    std::erase_if(m_runs, [&](const auto& each) { return each.get() == &run; });
}

} // namespace loa::library
