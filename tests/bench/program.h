// Other programs beside which Loa is measured, and what each costs.
#pragma once

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QString>
#include <QStringList>

#include <unistd.h>

#include <stdexcept>

namespace loa::bench {

struct Usage {
    double cpuSeconds = 0;
    double rssMegabytes = 0;
};

// From /proc, proc(5): schedstat field 1 of each thread that lives (nanoseconds; clock ticks would be a twentieth of
// what is measured here), statm field 2 (pages).
inline Usage usageOf(qint64 process)
{
    Usage usage;
    const QDir threads(QStringLiteral("/proc/%1/task").arg(process));
    for (const QString& thread : threads.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        QFile stat(threads.filePath(thread + QStringLiteral("/schedstat")));
        if (stat.open(QIODevice::ReadOnly))
            usage.cpuSeconds += stat.readAll().split(' ').value(0).toDouble() / 1e9;
    }
    QFile statm(QStringLiteral("/proc/%1/statm").arg(process));
    if (statm.open(QIODevice::ReadOnly)) {
        const double pages = statm.readAll().split(' ').value(1).toDouble();
        usage.rssMegabytes = pages * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1024.0 * 1024.0);
    }
    return usage;
}

// A program that is killed with its owner. Liquidsoap will not run as root. `through`: what starts it and its words,
// as "chrt --rr 1"; still as root.
class Program {
public:
    Program(const QString& name, QStringList arguments, bool asNobody, const QStringList& through = {})
    {
        QString program = name;
        if (asNobody && geteuid() == 0) {
            arguments = QStringList{QStringLiteral("--reuid=65534"), QStringLiteral("--regid=65534"),
                                    QStringLiteral("--clear-groups"), name} +
                        arguments;
            program = QStringLiteral("setpriv");
        }
        if (!through.isEmpty()) {
            arguments = through.mid(1) + QStringList{program} + arguments;
            program = through.first();
        }
        m_process.setStandardOutputFile(QProcess::nullDevice());
        m_process.setStandardErrorFile(QProcess::nullDevice());
        m_process.start(program, arguments);
        m_process.waitForStarted();
    }
    ~Program()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    bool isRunning()
    {
        m_process.waitForFinished(0);
        return m_process.state() == QProcess::Running;
    }
    Usage usage() const { return usageOf(m_process.processId()); }

private:
    QProcess m_process;
};

inline void writeText(const QString& path, const QString& text)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(text.toUtf8()) < 0)
        throw std::runtime_error("file not written");
    file.close();
    file.setPermissions(QFileDevice::Permissions(0x6644));
}

inline double ratio(double ours, double theirs)
{
    return theirs > 0 ? ours / theirs : 0;
}

} // namespace loa::bench
