// loa-playout: the agent that plays a station's programme. Wiring only.
#include "playout/commands/commands.h"

#include <QCoreApplication>

#include <malloc.h>

#include <array>

using namespace loa::playout;
using namespace Qt::StringLiterals;

namespace {

struct Command {
    const char* name;
    int (*run)(const QStringList&);
    const char* summary;
};

constexpr std::array commands{
    Command{"enrol", enrolCommand, "make this agent known to its scheduler (đăng ký máy phát)"},
    Command{"check", checkCommand, "judge an installation before it runs (kiểm tra trước khi chạy)"},
    Command{"run", runCommand, "fetch, play, log, until told to stop (chạy máy phát)"},
    Command{"render", renderCommand, "write what would sound into a WAV file (ghi trước ra tệp)"},
    Command{"recall", recallCommand, "find what an archive holds of an instant (tìm lại tiếng đã phát)"},
    Command{"verify-log", verifyLogCommand, "check the airing log offline (kiểm tra nhật ký)"},
};

int showHelp(int code)
{
    QString text =
        u"Usage: loa-playout COMMAND [options]\n\nPlays a station's programme from signed bundles, with or without the "
        "network, and writes down what sounded.\n\nCommands (each with --help):\n"_s;
    for (const Command& command : commands)
        text += u"  %1  %2\n"_s.arg(QString::fromLatin1(command.name), -12).arg(QString::fromUtf8(command.summary));
    print(text);
    return code;
}

} // namespace

int main(int argc, char* argv[])
{
    // One heap for the few threads, none of which allocates often, and large blocks go back to the system at once: an
    // item's decoded samples would otherwise keep their place long after it has sounded.
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 64 * 1024);
    // Qt's own event loop: GLib's takes more at each of the few wakes, and nothing here needs it.
    qputenv("QT_NO_GLIB", "1");
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(u"loa-playout"_s);
    QCoreApplication::setApplicationVersion(QString::fromLatin1(LOA_VERSION));
    QStringList arguments = QCoreApplication::arguments();
    arguments.removeFirst();
    if (arguments.isEmpty())
        return showHelp(exitUsage);
    if (arguments.first() == u"--help"_s || arguments.first() == u"help"_s)
        return showHelp(0);
    if (arguments.first() == u"--version"_s) {
        print(QCoreApplication::applicationVersion());
        return 0;
    }
    for (const Command& command : commands) {
        if (arguments.first() == QString::fromLatin1(command.name)) {
            arguments.first().prepend(u"loa-playout "_s);
            return command.run(arguments);
        }
    }
    print(u"loa-playout: there is no command \"%1\""_s.arg(arguments.first()));
    return showHelp(exitUsage);
}
