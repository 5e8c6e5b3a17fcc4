#include "scheduler/commands/command.h"

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::commands;

namespace {

Result<int> doNothing(const Arguments&)
{
    return exitDone;
}

constexpr OptionSpec options[] = {
    {"name", "NAME", "a name", "tên", false, true},
    {"role", "ROLE", "a role", "vai trò", true},
    {"json", nullptr, "as JSON", "dạng JSON"},
};
constexpr CommandSpec command{"thing add", "FIRST SECOND", "Adds.", "Thêm.", options, &doNothing};

Result<Arguments> parse(const char* words)
{
    return parseArguments(command, QString::fromUtf8(words).split(u' ', Qt::SkipEmptyParts));
}

} // namespace

TEST_CASE("Words and options are told apart", "[arguments]")
{
    const auto arguments = parse("one --name=An --role a --json two --role=b");
    REQUIRE(arguments);
    CHECK(arguments->positional(0) == QStringLiteral("one"));
    CHECK(arguments->positional(1) == QStringLiteral("two"));
    CHECK(arguments->value("name") == QStringLiteral("An"));
    CHECK(arguments->values("role") == QStringList{QStringLiteral("a"), QStringLiteral("b")});
    CHECK(arguments->has("json"));
    CHECK(parse("--name x -- --one --two")->positional(1) == QStringLiteral("--two"));
}

TEST_CASE("Wrong arguments are refused with what is wrong", "[arguments]")
{
    const std::pair<const char*, const char*> cases[] = {
        {"one two", "--name is missing"},
        {"one two --name", "--name wants a value"},
        {"one two --name=", "--name is empty"},
        {"one two --name a --name b", "--name is given twice"},
        {"one two --name a --json=yes", "--json takes no value"},
        {"one two --name a --nmae b", "no option --nmae"},
        {"one two --name a -n", "no option -n"},
        {"one --name a", "FIRST SECOND is missing"},
        {"one two three --name a", "\"three\" is superfluous"},
    };
    for (const auto& [words, what] : cases) {
        INFO(words);
        const auto arguments = parse(words);
        REQUIRE_FALSE(arguments);
        CHECK(arguments.error().message.en.contains(QLatin1String(what)));
        CHECK_FALSE(arguments.error().message.vi.isEmpty());
    }
}

TEST_CASE("The help text names every option in both languages", "[arguments]")
{
    const QString text = helpText(command);
    for (const char* part : {"thing add FIRST SECOND", "Adds.", "Thêm.", "--name NAME", "a name", "tên", "--json",
                             "--help", "64 wrong arguments"})
        CHECK(text.contains(QString::fromUtf8(part)));
}
