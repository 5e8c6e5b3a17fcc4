#include "scheduler/imports/rows.h"

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::imports;

namespace {

template <typename Row>
QStringList messages(const ReadRows<Row>& read)
{
    QStringList all;
    for (const LineError& error : read.errors)
        all.append(QStringLiteral("%1: %2").arg(error.line).arg(error.message.en));
    return all;
}

} // namespace

TEST_CASE("Units are read with columns in any order", "[rows]")
{
    const auto read = readUnits("name,code,valid_from,kind,parent_code\n"
                                "Xã Yên Bình,x1,2025-07-01,commune,h1\n"
                                "Huyện,h1,,district,\n");
    INFO(messages(read).join(u'\n').toStdString());
    REQUIRE(read.errors.empty());
    REQUIRE(read.rows.size() == 2);
    CHECK(read.rows[0].line == 2);
    CHECK(read.rows[0].code == QStringLiteral("x1"));
    CHECK(read.rows[0].parentCode == QStringLiteral("h1"));
    CHECK(read.rows[0].validFrom == QDate(2025, 7, 1));
    CHECK_FALSE(read.rows[1].parentCode);
    CHECK_FALSE(read.rows[1].validFrom);
}

TEST_CASE("Stations are read with their clusters", "[rows]")
{
    const auto read = readStations("code,name,unit_code,clusters\n"
                                   "d1,Đài xã,x1,\"Thôn Đông=mang:4; Thôn Đoài=thoai\"\n"
                                   "d2,Đài hai,x1,\n");
    INFO(messages(read).join(u'\n').toStdString());
    REQUIRE(read.errors.empty());
    REQUIRE(read.rows.size() == 2);
    REQUIRE(read.rows[0].clusters.size() == 2);
    CHECK(read.rows[0].clusters[0].name == QStringLiteral("Thôn Đông"));
    CHECK(read.rows[0].clusters[0].output == QStringLiteral("mang"));
    CHECK(read.rows[0].clusters[0].speakers == 4);
    CHECK(read.rows[0].clusters[1].speakers == 1);
    CHECK(read.rows[0].timeZone == "Asia/Ho_Chi_Minh");
    CHECK(read.rows[1].clusters.empty());
}

TEST_CASE("Every wrong line is told, and nothing of it is taken", "[rows]")
{
    const auto read = readUnits("code,name,kind,parent_code,valid_from,valid_until\n"
                                "x1,=HYPERLINK(1),commune,,,\n"
                                ",Không mã,commune,,,\n"
                                "x3,Tốt,commune,,,\n"
                                "x3,Trùng,commune,,,\n"
                                "x5,Ngày,commune,,2025-02-30,\n"
                                "x6,Ngược,commune,,2025-07-02,2025-07-01\n"
                                "x7,Chính mình,commune,x7,,\n"
                                "x 8,Mã,commune,,,\n"
                                "x9,\"hai\ndòng\",commune,,,\n");
    REQUIRE(read.rows.size() == 1);
    CHECK(read.rows[0].code == QStringLiteral("x3"));
    std::vector<qint64> lines;
    for (const LineError& error : read.errors) {
        lines.push_back(error.line);
        CHECK_FALSE(error.message.vi.isEmpty());
    }
    CHECK(lines == std::vector<qint64>{2, 3, 5, 6, 7, 8, 9, 10});
}

TEST_CASE("Unknown, doubled and missing columns are refused by name", "[rows]")
{
    const auto read = readUnits("code,code,nmae\nx1,x1,A\n");
    const QString all = messages(read).join(u'\n');
    CHECK(all.contains(QStringLiteral("no column \"nmae\"")));
    CHECK(all.contains(QStringLiteral("\"code\" stands twice")));
    CHECK(all.contains(QStringLiteral("\"kind\" is missing")));
    CHECK(read.rows.empty());
}

TEST_CASE("A station's zone and clusters are checked", "[rows]")
{
    const auto read = readStations("code,name,unit_code,time_zone,clusters\n"
                                   "d1,A,x1,Asia/Hanoi,\n"
                                   "d2,B,x1,,Thôn=\n"
                                   "d3,C,x1,,Thôn=a:0\n"
                                   "d4,D,x1,,\"A=a;A=b\"\n"
                                   "d5,E,x1,,\"=cmd=a\"\n");
    CHECK(read.rows.empty());
    CHECK(read.errors.size() == 5);
}

TEST_CASE("An endless list of mistakes is cut", "[rows]")
{
    QByteArray csv = "code,name,kind\n";
    for (int i = 0; i < 1000; ++i)
        csv += ",,\n";
    CHECK(readUnits(csv).errors.size() == maxLineErrors);
    CHECK(readUnits("code,name,kind\n").errors.size() == 1);
}
