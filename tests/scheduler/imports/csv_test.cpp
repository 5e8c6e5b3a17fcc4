#include "scheduler/imports/csv.h"

#include <catch2/catch.hpp>
#include <random>

using namespace loa;
using namespace loa::imports;

namespace {

std::vector<QStringList> fieldsOf(const CsvTable& table)
{
    std::vector<QStringList> all;
    for (const CsvRecord& record : table.records)
        all.push_back(record.fields);
    return all;
}

// Independent of writeCsv(): quotes everything, or only where it must, at the dice's will.
QByteArray naiveCsv(const std::vector<QStringList>& lines, std::mt19937& dice)
{
    QString text;
    for (const QStringList& line : lines) {
        for (qsizetype i = 0; i < line.size(); ++i) {
            if (i > 0)
                text += QLatin1Char(',');
            QString escaped;
            bool special = line.size() == 1 && line[i].isEmpty();
            for (const QChar c : line[i]) {
                special = special || c == u',' || c == u'"' || c == u'\n' || c == u'\r';
                escaped += c == u'"' ? QStringLiteral("\"\"") : QString(c);
            }
            text += special || dice() % 2 == 0 ? QLatin1Char('"') + escaped + QLatin1Char('"') : line[i];
        }
        text += dice() % 2 == 0 ? QStringLiteral("\n") : QStringLiteral("\r\n");
    }
    return text.toUtf8();
}

QString randomField(std::mt19937& dice)
{
    static const QStringList parts{
        QStringLiteral("a"),  QStringLiteral("\""), QStringLiteral(","),   QStringLiteral(";"), QStringLiteral("\n"),
        QStringLiteral("\r"), QStringLiteral(" "),  QStringLiteral("Đài"), QStringLiteral("😀"), QStringLiteral("=")};
    QString field;
    for (std::size_t i = dice() % 6; i > 0; --i)
        field += parts[static_cast<qsizetype>(dice() % static_cast<std::size_t>(parts.size()))];
    return field;
}

} // namespace

TEST_CASE("What any writer quotes, the reader gives back", "[csv][property]")
{
    std::mt19937 dice(20261123);
    for (int round = 0; round < 2000; ++round) {
        const qsizetype columns = 1 + static_cast<qsizetype>(dice() % 5);
        QStringList header;
        for (qsizetype i = 0; i < columns; ++i)
            header.append(QStringLiteral("c,%1").arg(i)); // a comma in quotes: the separator is a comma only outside
        header[0] = QStringLiteral("c0");
        std::vector<QStringList> lines{header};
        for (std::size_t i = dice() % 8; i > 0; --i) {
            QStringList line;
            for (qsizetype c = 0; c < columns; ++c)
                line.append(randomField(dice));
            lines.push_back(line);
        }
        const QByteArray text = naiveCsv(lines, dice);
        INFO(text.toStdString());
        const auto table = parseCsv(text);
        REQUIRE(table);
        // A quoted empty field alone on its line is indistinguishable from an empty line once read, and passed over.
        std::vector<QStringList> expected(lines.begin() + 1, lines.end());
        std::erase_if(expected, [](const QStringList& line) { return line.size() == 1 && line.first().isEmpty(); });
        CHECK(table->header.fields == header);
        CHECK(fieldsOf(*table) == expected);

        const auto again = parseCsv(writeCsv(header, expected));
        REQUIRE(again);
        CHECK(fieldsOf(*again) == expected);
    }
}

TEST_CASE("Random bytes end in an answer, within the limits", "[csv][property]")
{
    std::mt19937 dice(7);
    const QByteArray alphabet("a,\";\n\r\0\xC4\x90 \xFF", 12);
    CsvLimits limits;
    limits.records = 20;
    limits.columns = 4;
    limits.fieldLength = 10;
    for (int round = 0; round < 20'000; ++round) {
        QByteArray bytes;
        for (std::size_t i = dice() % 60; i > 0; --i)
            bytes += alphabet[static_cast<qsizetype>(dice() % static_cast<std::size_t>(alphabet.size()))];
        const auto table = parseCsv(bytes, limits);
        if (!table) {
            CHECK(table.error().where.startsWith(QStringLiteral("line ")));
            continue;
        }
        CHECK(table->records.size() <= 20);
        for (const CsvRecord& record : table->records) {
            CHECK(record.fields.size() == table->header.fields.size());
            for (const QString& field : record.fields)
                CHECK(field.size() <= 10);
        }
    }
}

TEST_CASE("Byte order mark, semicolons and a missing last line end are taken", "[csv]")
{
    const auto table = parseCsv("\xEF\xBB\xBF"
                                "a;b\r\n1,5;\"x;y\"");
    REQUIRE(table);
    CHECK(table->header.fields == QStringList{QStringLiteral("a"), QStringLiteral("b")});
    CHECK(fieldsOf(*table) == std::vector<QStringList>{{QStringLiteral("1,5"), QStringLiteral("x;y")}});
}

TEST_CASE("Lines are counted through quoted line feeds", "[csv]")
{
    const auto table = parseCsv("a,b\n\"1\n2\",x\n\n3,y\n");
    REQUIRE(table);
    REQUIRE(table->records.size() == 2);
    CHECK(table->records[0].line == 2);
    CHECK(table->records[1].line == 5);
}

TEST_CASE("What is not strict CSV is refused with its line", "[csv]")
{
    const std::pair<QByteArray, const char*> cases[] = {
        {"a,b\n1\n", "line 2"},
        {"a,b\n1,2,3\n", "line 2"},
        {"a,b\n1,\"2\n", "line 2"},
        {"a,b\n1,2\"3\n", "line 2"},
        {"a,b\n1,\"2\"3\n", "line 2"},
        {"a,b\n1,2\rx\n", "line 2"},
        {QByteArray("a,b\n1,\0\n", 8), "line 2"},
        {"a,b\n1,2\n\xFF,3\n", "line 3"},
        {"\xFF\xFE"
         "a",
         "line 1"},
        {"", "line 1"},
    };
    for (const auto& [bytes, where] : cases) {
        INFO(bytes.toPercentEncoding().toStdString());
        const auto table = parseCsv(bytes);
        REQUIRE_FALSE(table);
        CHECK(table.error().category == ErrorCategory::InvalidInput);
        CHECK(table.error().where == QLatin1String(where));
    }
}

TEST_CASE("Size, lines, columns and fields have limits", "[csv]")
{
    CsvLimits limits;
    limits.bytes = 100;
    limits.records = 2;
    limits.columns = 3;
    limits.fieldLength = 5;
    for (const QByteArray& bytes : {QByteArray(101, 'a'), QByteArray("a\n1\n2\n3\n"), QByteArray("a,b,c,d\n"),
                                    QByteArray("a\nsixsix\n"), QByteArray("a\n\"sixsix\"\n")}) {
        INFO(bytes.toStdString());
        const auto table = parseCsv(bytes, limits);
        REQUIRE_FALSE(table);
        CHECK(table.error().category == ErrorCategory::LimitExceeded);
    }
    CHECK(parseCsv("a,b,c\n12345,2,3\n4,5,6\n", limits));
}

TEST_CASE("Formulas are told from numbers", "[csv]")
{
    for (const char* text : {"=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", "\r=1", "+", "-"})
        CHECK(isFormula(QString::fromUtf8(text)));
    for (const char* text : {"", "-5", "+84 912 345 678", "1=1", "Đài", "-3.5"})
        CHECK_FALSE(isFormula(QString::fromUtf8(text)));
}
