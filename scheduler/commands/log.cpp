#include "scheduler/commands/log.h"

#include "scheduler/commands/command.h"

#include <QtGlobal>

#include <mutex>

namespace loa::commands {

namespace {

struct LogState {
    std::mutex mutex;
    LogLevel level = LogLevel::Info;
    const Clock* clock = nullptr;
    bool underJournal = false;
    RepeatFilter filter;
};

LogState& logState()
{
    static LogState state;
    return state;
}

struct LevelWord {
    LogLevel level;
    const char* word;
    int journalPriority;
};

LevelWord levelOf(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return {LogLevel::Debug, "debug", 7};
    case QtInfoMsg:
        return {LogLevel::Info, "info", 6};
    case QtWarningMsg:
        return {LogLevel::Warning, "warning", 4};
    case QtCriticalMsg:
    case QtFatalMsg:
        break;
    }
    return {LogLevel::Error, "error", 3};
}

void writeLogLine(QtMsgType type, const QMessageLogContext& context, const QString& message)
{
    LogState& state = logState();
    const std::lock_guard lock(state.mutex);
    const LevelWord level = levelOf(type);
    QString domain = QString::fromLatin1(context.category == nullptr ? "loa" : context.category);
    const bool own = domain.startsWith(QStringLiteral("loa"));
    if (level.level < state.level || (!own && level.level < LogLevel::Warning))
        return;
    if (domain.startsWith(QStringLiteral("loa.")))
        domain = domain.mid(4);
    // One event is one line, whatever text came from outside.
    QString text = message;
    text.replace(u'\n', u' ').replace(u'\r', u' ');
    QString line = domain + u' ' + text;
    const RepeatFilter::Verdict verdict = state.filter.judge(line, state.clock->monotonic());
    if (!verdict.show)
        return;
    if (verdict.suppressed > 0)
        line += QStringLiteral(" suppressed=%1").arg(verdict.suppressed);
    if (state.underJournal)
        complain(QStringLiteral("<%1>%2\n").arg(QString::number(level.journalPriority), line));
    else
        complain(QStringLiteral("%1 %2 %3\n").arg(toString(state.clock->now()), QLatin1String(level.word), line));
}

} // namespace

RepeatFilter::Verdict RepeatFilter::judge(const QString& line, std::chrono::nanoseconds monotonic)
{
    auto found = m_seen.find(line);
    if (found == m_seen.end()) {
        while (m_seen.size() >= remembered) {
            m_seen.remove(m_order.front());
            m_order.pop_front();
        }
        m_order.push_back(line);
        m_seen.insert(line, {monotonic, 1, 0});
        return {true, 0};
    }
    Seen& seen = *found;
    if (monotonic - seen.windowStart >= window) {
        seen.windowStart = monotonic;
        seen.inWindow = 0;
    }
    if (++seen.inWindow > shownPerWindow) {
        ++seen.suppressed;
        return {false, 0};
    }
    return {true, std::exchange(seen.suppressed, 0)};
}

void installLog(LogLevel level, const Clock& clock)
{
    LogState& state = logState();
    {
        const std::lock_guard lock(state.mutex);
        state.level = level;
        state.clock = &clock;
        state.underJournal = qEnvironmentVariableIsSet("JOURNAL_STREAM");
    }
    qInstallMessageHandler(&writeLogLine);
}

} // namespace loa::commands
