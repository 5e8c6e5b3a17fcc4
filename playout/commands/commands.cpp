#include "playout/commands/commands.h"

#include <cstdio>

namespace loa::playout {

using namespace Qt::StringLiterals;

void print(const QString& line)
{
    std::fputs((line + u'\n').toUtf8().constData(), stdout);
    std::fflush(stdout);
}

int report(const Error& error)
{
    std::fputs((u"loa-playout: "_s + describe(error) + u'\n').toUtf8().constData(), stderr);
    if (error.category == ErrorCategory::NotFound)
        return exitNotFound;
    const bool passing = error.category == ErrorCategory::Unavailable || error.category == ErrorCategory::Storage ||
                         error.category == ErrorCategory::Internal;
    return passing ? exitFailed : exitRefused;
}

std::optional<int> parseOptions(QCommandLineParser& parser, const QStringList& arguments, const QStringList& required)
{
    const QCommandLineOption help(u"help"_s, u"Show this help"_s);
    parser.addOption(help);
    if (!parser.parse(arguments)) {
        std::fputs((u"loa-playout: "_s + parser.errorText() + u'\n').toUtf8().constData(), stderr);
        return exitUsage;
    }
    if (parser.isSet(help)) {
        print(parser.helpText());
        return 0;
    }
    for (const QString& name : required) {
        if (!parser.isSet(name)) {
            std::fputs((u"loa-playout: --%1 is missing; see --help\n"_s.arg(name)).toUtf8().constData(), stderr);
            return exitUsage;
        }
    }
    if (!parser.positionalArguments().isEmpty()) {
        std::fputs((u"loa-playout: unexpected \"%1\"; see --help\n"_s.arg(parser.positionalArguments().first()))
                       .toUtf8()
                       .constData(),
                   stderr);
        return exitUsage;
    }
    return std::nullopt;
}

} // namespace loa::playout
