#include "media/worker.h"

#include "media/ffmpeg/libav.h"
#include "media/ffmpeg/source_reader.h"
#include "media/report.h"
#include "media/spool.h"

#include <QJsonDocument>

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

namespace loa::media {

namespace {

// Where the child finds its descriptors.
constexpr int sourceSlot = 3;
constexpr int answerSlot = 4;
constexpr int houseSlot = 5;
constexpr int spoolSlot = 6;
constexpr int firstFreeSlot = 7;

constexpr std::size_t spareMemory = 96 * 1024;
constexpr std::size_t leastMemory = 16 * 1024 * 1024;
constexpr qsizetype longestAnswer = 64 * 1024 * 1024;

using Clock = std::chrono::steady_clock;

QByteArray encodeRequest(const WorkerRequest& request)
{
    const QJsonObject json{
        {QStringLiteral("probe"), request.probeOnly},
        {QStringLiteral("name"), request.name},
        {QStringLiteral("target_lufs"), request.houseSettings.targetLufs},
        {QStringLiteral("max_true_peak_dbtp"), request.houseSettings.maxTruePeakDbtp},
        {QStringLiteral("bit_rate"), request.houseSettings.bitRate},
        {QStringLiteral("complexity"), request.houseSettings.complexity},
        {QStringLiteral("max_seconds"), static_cast<qint64>(request.sourceLimits.maxLength.count())},
        {QStringLiteral("min_ms"), static_cast<qint64>(request.sourceLimits.minLength.count())},
        {QStringLiteral("memory_bytes"), static_cast<qint64>(request.processLimits.memoryBytes)},
        {QStringLiteral("cpu_seconds"), static_cast<qint64>(request.processLimits.cpuTime.count())},
        {QStringLiteral("file_bytes"), static_cast<qint64>(request.processLimits.fileBytes)},
    };
    return QJsonDocument(json).toJson(QJsonDocument::Compact);
}

WorkerRequest decodeRequest(const QByteArray& argument)
{
    const QJsonObject json = QJsonDocument::fromJson(argument).object();
    const auto integer = [&json](const char* key) { return json.value(QLatin1String(key)).toInteger(); };
    WorkerRequest request;
    request.probeOnly = json.value(QStringLiteral("probe")).toBool();
    request.source = sourceSlot;
    request.house = houseSlot;
    request.spool = spoolSlot;
    request.name = json.value(QStringLiteral("name")).toString();
    request.houseSettings.targetLufs = json.value(QStringLiteral("target_lufs")).toDouble();
    request.houseSettings.maxTruePeakDbtp = json.value(QStringLiteral("max_true_peak_dbtp")).toDouble();
    request.houseSettings.bitRate = static_cast<int>(integer("bit_rate"));
    request.houseSettings.complexity = static_cast<int>(integer("complexity"));
    request.sourceLimits.maxLength = std::chrono::seconds(integer("max_seconds"));
    request.sourceLimits.minLength = std::chrono::milliseconds(integer("min_ms"));
    request.processLimits.memoryBytes = integer("memory_bytes");
    request.processLimits.cpuTime = std::chrono::seconds(integer("cpu_seconds"));
    request.processLimits.fileBytes = integer("file_bytes");
    return request;
}

class Descriptor {
public:
    explicit Descriptor(int descriptor = -1) : m_descriptor(descriptor) {}
    ~Descriptor() { reset(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return m_descriptor; }
    void reset(int descriptor = -1)
    {
        if (m_descriptor >= 0)
            close(m_descriptor);
        m_descriptor = descriptor;
    }

private:
    int m_descriptor;
};

Error systemError(const char* function)
{
    return Error{ErrorCategory::Internal,
                 {QStringLiteral("Không khởi động được tiến trình đọc tệp."),
                  QStringLiteral("The process that reads the file could not be started.")},
                 QString::fromLatin1(function) + QStringLiteral(": ") + QString::fromLocal8Bit(std::strerror(errno))};
}

struct Move {
    int from;
    int to;
};

// Between fork and exec: system calls alone.
[[noreturn]] void becomeWorker(pid_t parent, const std::array<Move, 4>& moves, char* const* arguments,
                               char* const* environment)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(126);
    const int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    // Out of the way first, so that no move overwrites a source of a later one.
    std::array<int, 4> lifted{};
    for (std::size_t index = 0; index < moves.size(); ++index)
        lifted[index] = moves[index].from < 0 ? -1 : fcntl(moves[index].from, F_DUPFD, firstFreeSlot);
    for (std::size_t index = 0; index < moves.size(); ++index) {
        if (lifted[index] >= 0)
            dup2(lifted[index], moves[index].to);
        else
            close(moves[index].to);
    }
    close_range(firstFreeSlot, ~0U, 0);
    execve("/proc/self/exe", arguments, environment);
    _exit(127);
}

Error explainEnd(int status, bool timedOut, const QString& name)
{
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (timedOut || signal == SIGXCPU)
        return Error{
            ErrorCategory::LimitExceeded,
            {QStringLiteral("Xử lý tệp mất quá nhiều thời gian nên đã dừng; hãy cắt ngắn hoặc xuất lại tệp."),
             QStringLiteral("The file took too long to process and was stopped; cut it shorter or export it again.")},
            name};
    if (signal == SIGKILL)
        return Error{
            ErrorCategory::LimitExceeded,
            {QStringLiteral("Xử lý tệp cần quá nhiều tài nguyên nên đã dừng; hãy xuất lại tệp thành MP3 hoặc WAV."),
             QStringLiteral("The file needed too many resources and was stopped; export it again as MP3 or WAV.")},
            name};
    if (signal != 0)
        return Error{
            ErrorCategory::InvalidInput,
            {QStringLiteral("Tệp làm hỏng bộ đọc (tệp lỗi hoặc cố ý phá); hãy xuất lại tệp."),
             QStringLiteral("The file brought its reader down (damaged, or made to do harm); export it again.")},
            name + QStringLiteral(": signal %1").arg(signal)};
    return Error{ErrorCategory::Internal,
                 {QStringLiteral("Tiến trình đọc tệp kết thúc bất thường."),
                  QStringLiteral("The process that reads the file ended without an answer.")},
                 name + QStringLiteral(": exit %1").arg(WIFEXITED(status) ? WEXITSTATUS(status) : -1)};
}

struct Watched {
    QByteArray answer;
    int status = 0;
    bool timedOut = false;
};

// Collects the answer until the child ends or its time is over.
Watched watch(pid_t child, int answer, Clock::time_point deadline)
{
    Watched watched;
    // glibc 2.36 declares pidfd_open() without C linkage.
    const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
    QByteArray block(64 * 1024, Qt::Uninitialized);
    bool open = true;
    for (;;) {
        std::array<pollfd, 2> events{pollfd{process.get(), POLLIN, 0}, pollfd{open ? answer : -1, POLLIN, 0}};
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        const int ready =
            left <= 0 ? 0 : poll(events.data(), events.size(), static_cast<int>(std::min<long long>(left, 1'000'000)));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0 && Clock::now() < deadline)
            continue;
        if (ready <= 0 || watched.answer.size() > longestAnswer) {
            watched.timedOut = true;
            kill(child, SIGKILL);
            break;
        }
        if (open && (events[1].revents & (POLLIN | POLLHUP)) != 0) {
            const ssize_t got = read(answer, block.data(), static_cast<std::size_t>(block.size()));
            if (got > 0)
                watched.answer.append(block.constData(), static_cast<qsizetype>(got));
            else if (got == 0 || errno != EINTR)
                open = false;
            continue;
        }
        if ((events[0].revents & POLLIN) != 0)
            break;
    }
    while (waitpid(child, &watched.status, 0) < 0 && errno == EINTR) {
    }
    return watched;
}

Result<QJsonObject> work(const WorkerRequest& request)
{
    if (request.probeOnly) {
        auto reader = SourceReader::openDescriptor(request.source, request.name);
        if (!reader)
            return passOn(reader);
        return probeToJson(reader->info());
    }
    auto analysis = analyse(request.source, request.name, request.spool, request.sourceLimits);
    if (!analysis)
        return passOn(analysis);
    auto house = makeHouseFile(request.spool, analysis->frames, analysis->mixLufs, analysis->mixPeak, request.house,
                               request.houseSettings);
    if (!house)
        return passOn(house);
    return ingestToJson(*analysis, *house, request.houseSettings);
}

} // namespace

Result<QJsonObject> runWorker(const WorkerRequest& request, const std::function<void()>& started)
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return tl::unexpected(systemError("pipe2"));
    const Descriptor answer(ends[0]);
    Descriptor childEnd(ends[1]);

    QByteArray program("loa-media");
    QByteArray command("worker");
    QByteArray argument = encodeRequest(request);
    const std::array<char*, 4> arguments{program.data(), command.data(), argument.data(), nullptr};
    // Nothing of the caller's environment reaches the child but the sanitizers' options.
    std::vector<QByteArray> kept{QByteArrayLiteral("LC_ALL=C.UTF-8")};
    for (const char* key : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"}) {
        if (const char* value = std::getenv(key))
            kept.push_back(QByteArray(key) + '=' + value);
    }
    std::vector<char*> environment;
    environment.reserve(kept.size() + 1);
    for (QByteArray& entry : kept)
        environment.push_back(entry.data());
    environment.push_back(nullptr);
    const std::array<Move, 4> moves{Move{request.source, sourceSlot}, Move{childEnd.get(), answerSlot},
                                    Move{request.house, houseSlot}, Move{request.spool, spoolSlot}};

    const pid_t parent = getpid();
    const auto deadline = Clock::now() + request.processLimits.wallTime;
    const pid_t child = fork();
    if (child < 0)
        return tl::unexpected(systemError("fork"));
    if (child == 0)
        becomeWorker(parent, moves, arguments.data(), environment.data());
    childEnd.reset();
    if (started)
        started();

    const Watched watched = watch(child, answer.get(), deadline);
    const QJsonDocument document = QJsonDocument::fromJson(watched.answer);
    const bool answered = WIFEXITED(watched.status) && WEXITSTATUS(watched.status) == 0 && document.isObject();
    if (watched.timedOut || !answered)
        return tl::unexpected(explainEnd(watched.status, watched.timedOut, request.name));
    if (document.object().contains(QStringLiteral("error")))
        return tl::unexpected(errorFromJson(document.object()));
    return document.object();
}

void workerMain(const QByteArray& argument)
{
    const WorkerRequest request = decodeRequest(argument);
    // Each arena reserves 64 MB of address space, which is what the memory limit counts.
    mallopt(M_ARENA_MAX, 2);
    Result<QJsonObject> outcome = [&request]() -> Result<QJsonObject> {
        if (auto loaded = loadLibav(); !loaded)
            return passOn(loaded);
        // Freed memory stays with the heap: setting up the confinement and telling that memory is out need some.
        ::operator delete(::operator new(spareMemory));
        if (auto confined = confine(request.processLimits); !confined)
            return passOn(confined);
        try {
            // Less than this is too little for any file: better told here than by a library that does not check.
            ::operator delete(::operator new(leastMemory));
            return work(request);
        } catch (const std::bad_alloc&) {
            return fail(ErrorCategory::LimitExceeded,
                        {QStringLiteral("Tệp cần quá nhiều bộ nhớ; hãy xuất lại thành MP3 hoặc WAV."),
                         QStringLiteral("The file needs too much memory; export it again as MP3 or WAV.")},
                        request.name);
        }
    }();
    const QByteArray answer =
        QJsonDocument(outcome ? *outcome : errorToJson(outcome.error())).toJson(QJsonDocument::Compact);
    const auto written =
        writeAll(answerSlot, std::as_bytes(std::span(answer.constData(), static_cast<std::size_t>(answer.size()))));
    // No destructors of a process that has read a hostile file, and no leak checker, which would need ptrace.
    _exit(written ? 0 : 1);
}

} // namespace loa::media
