#include "tests/support/audio_process.h"

#include <QCoreApplication>
#include <QDir>
#include <QJsonDocument>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <vector>

namespace loa::support {

namespace {

void readBoth(int out, int err, ProgramRun& run)
{
    std::array<pollfd, 2> ends{pollfd{out, POLLIN, 0}, pollfd{err, POLLIN, 0}};
    std::array<QByteArray*, 2> targets{&run.out, &run.err};
    std::array<char, 65536> block{};
    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        if (poll(ends.data(), ends.size(), -1) < 0)
            continue;
        for (std::size_t index = 0; index < ends.size(); ++index) {
            if (ends[index].fd < 0 || ends[index].revents == 0)
                continue;
            const ssize_t got = read(ends[index].fd, block.data(), block.size());
            if (got > 0)
                targets[index]->append(block.data(), static_cast<qsizetype>(got));
            else
                ends[index].fd = -1;
        }
    }
}

double seconds(const timeval& time)
{
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

} // namespace

QJsonObject ProgramRun::json() const
{
    return QJsonDocument::fromJson(out).object();
}

ProgramRun runProgram(const QString& program, const QStringList& arguments, const std::function<void()>& beforeExec)
{
    std::vector<QByteArray> words{program.toLocal8Bit()};
    for (const QString& argument : arguments)
        words.push_back(argument.toLocal8Bit());
    std::vector<char*> pointers;
    for (QByteArray& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);

    std::array<int, 2> out{};
    std::array<int, 2> err{};
    if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0)
        throw std::runtime_error("pipe2");
    const auto begin = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child < 0)
        throw std::runtime_error("fork");
    if (child == 0) {
        dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        if (beforeExec)
            beforeExec();
        execvp(pointers[0], pointers.data());
        _exit(127);
    }
    close(out[1]);
    close(err[1]);
    ProgramRun run;
    readBoth(out[0], err[0], run);
    close(out[0]);
    close(err[0]);
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    run.wallSeconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    run.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    run.cpuSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    run.peakMemoryKib = usage.ru_maxrss;
    return run;
}

ProgramRun mustRun(const QString& program, const QStringList& arguments)
{
    ProgramRun run = runProgram(program, arguments);
    if (run.exitCode != 0)
        throw std::runtime_error(
            (program + QLatin1Char(' ') + arguments.join(QLatin1Char(' ')) + QStringLiteral(": ")).toStdString() +
            run.err.toStdString() + run.out.toStdString());
    return run;
}

QString loaProgram(const QString& name)
{
    const QString folder = qEnvironmentVariable("LOA_BIN_DIR", QCoreApplication::applicationDirPath());
    return QDir(folder).filePath(name);
}

} // namespace loa::support
