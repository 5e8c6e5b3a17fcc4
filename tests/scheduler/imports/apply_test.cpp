#include "scheduler/imports/apply.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::imports;

namespace {

class Office {
public:
    Office()
    {
        context.actor = QStringLiteral("test");
        context.now = UtcTime(std::chrono::seconds(1'800'000'000));
        context.today = QDate(2027, 1, 15);
        REQUIRE(store.units.add({{QStringLiteral("root")},
                                 {},
                                 QStringLiteral("h1"),
                                 QStringLiteral("Huyện"),
                                 QStringLiteral("district"),
                                 QDate(2020, 1, 1),
                                 {}}));
    }

    ImportReport units(const QByteArray& csv) { return importUnits(store, csv, context).value(); }
    ImportReport stations(const QByteArray& csv) { return importStations(store, csv, context).value(); }

    [[nodiscard]] std::size_t unitCount() { return store.units.all().value().size(); }
    [[nodiscard]] std::size_t wishCount() { return store.plans.wished(context.now, 100).value().size(); }

    std::unique_ptr<store::Database> database = store::Database::open(QStringLiteral(":memory:")).value();
    store::Store store{*database};
    ImportContext context;
};

const QByteArray threeUnits = "code,name,kind,parent_code,valid_from\n"
                              "t1,Thôn Một,hamlet,x1,\n"
                              "x1,Xã Một,commune,h1,2025-07-01\n"
                              "x2,Xã Hai,commune,h1,\n";

} // namespace

TEST_CASE("Units are imported with children before parents in the file", "[imports]")
{
    Office office;
    const ImportReport report = office.units(threeUnits);
    CHECK(report.created == 3);
    CHECK(report.errors.empty());
    const auto hamlet = office.store.units.findByCode(QStringLiteral("t1")).value();
    const auto commune = office.store.units.findByCode(QStringLiteral("x1")).value();
    REQUIRE(hamlet);
    REQUIRE(commune);
    CHECK(hamlet->parent == commune->id);
    CHECK(commune->parent == UnitId{QStringLiteral("root")});
    CHECK(commune->validFrom == QDate(2025, 7, 1));
    CHECK(hamlet->validFrom == QDate(2027, 1, 15));
    CHECK(office.store.audit.latest(10).value().size() == 3);

    SECTION("again: nothing to do")
    {
        const ImportReport again = office.units(threeUnits);
        CHECK(again.created == 0);
        CHECK(again.updated == 0);
        CHECK(office.store.audit.latest(10).value().size() == 3);
    }
    SECTION("with another name: corrected, ids stay")
    {
        const ImportReport again = office.units("code,name,kind\nx1,Xã Một Mới,commune\n");
        CHECK(again.updated == 1);
        const auto renamed = office.store.units.findByCode(QStringLiteral("x1")).value();
        CHECK(renamed->id == commune->id);
        CHECK(renamed->name == QStringLiteral("Xã Một Mới"));
        CHECK(renamed->parent == commune->parent);
    }
    SECTION("a circle with what is stored is refused")
    {
        const ImportReport again = office.units("code,name,kind,parent_code\nx1,Xã Một,commune,t1\n");
        CHECK(again.updated == 0);
        REQUIRE(again.errors.size() == 1);
        CHECK(again.errors[0].line == 2);
    }
}

TEST_CASE("One wrong line and nothing is imported", "[imports]")
{
    Office office;
    const ImportReport report = office.units("code,name,kind,parent_code\n"
                                             "x1,Xã Một,commune,h1\n"
                                             "x2,Xã Hai,commune,nirgends\n"
                                             "x3,,commune,h1\n"
                                             "x4,Vòng,commune,x5\n"
                                             "x5,Vòng,commune,x4\n");
    CHECK(report.created == 0);
    std::vector<qint64> lines;
    for (const LineError& error : report.errors)
        lines.push_back(error.line);
    CHECK(lines == std::vector<qint64>{3, 4, 5, 6});
    CHECK(office.unitCount() == 1);
    CHECK(office.store.audit.latest(10).value().empty());
}

TEST_CASE("A rehearsal tells what would be done and does nothing", "[imports]")
{
    Office office;
    office.context.dryRun = true;
    const ImportReport report = office.units(threeUnits);
    CHECK(report.created == 3);
    CHECK(report.errors.empty());
    CHECK(office.unitCount() == 1);
    CHECK(office.store.audit.latest(10).value().empty());
}

TEST_CASE("Stations are imported, corrected, and wish a plan", "[imports]")
{
    Office office;
    REQUIRE(office.units(threeUnits).errors.empty());
    const ImportReport report = office.stations("code,name,unit_code,clusters\n"
                                                "d1,Đài Một,x1,\"Thôn Đông=mang:4;Thôn Đoài=thoai\"\n"
                                                "d2,Đài Hai,x2,\n");
    CHECK(report.created == 2);
    CHECK(office.wishCount() == 2);
    const auto first = office.store.stations.findByCode(QStringLiteral("d1")).value();
    REQUIRE(first);
    REQUIRE(first->clusters.size() == 2);

    const ImportReport again = office.stations("code,name,unit_code,clusters\n"
                                               "d1,Đài Một,x1,\"Thôn Đoài=thoai:7\"\n"
                                               "d2,Đài Hai,x2,\n");
    CHECK(again.updated == 1);
    const auto changed = office.store.stations.findByCode(QStringLiteral("d1")).value();
    CHECK(changed->id == first->id);
    REQUIRE(changed->clusters.size() == 1);
    const auto same = std::find_if(first->clusters.begin(), first->clusters.end(),
                                   [](const auto& cluster) { return cluster.name == QStringLiteral("Thôn Đoài"); });
    REQUIRE(same != first->clusters.end());
    CHECK(changed->clusters[0].id == same->id);
    CHECK(changed->clusters[0].speakers == 7);

    const ImportReport wrong = office.stations("code,name,unit_code\nd3,Đài Ba,x1\nd4,Đài Bốn,khong-co\n");
    CHECK(wrong.created == 0);
    REQUIRE(wrong.errors.size() == 1);
    CHECK(wrong.errors[0].line == 3);
    CHECK(office.store.stations.all().value().size() == 2);
}

TEST_CASE("A corrected unit has the stations below it planned again", "[imports]")
{
    Office office;
    REQUIRE(office.units(threeUnits).errors.empty());
    REQUIRE(office.stations("code,name,unit_code\nd1,Đài Một,t1\nd2,Đài Hai,x2\n").errors.empty());
    const auto newlyWished = office.store.plans.wished(office.context.now, 10).value();
    for (const StationId& station : newlyWished)
        REQUIRE(office.store.plans.fulfilled(station));
    CHECK(office.units("code,name,kind\nx1,Xã Một Mới,commune\n").updated == 1);
    const auto wished = office.store.plans.wished(office.context.now, 10).value();
    REQUIRE(wished.size() == 1);
    CHECK(wished[0] == office.store.stations.findByCode(QStringLiteral("d1")).value()->id);
}

TEST_CASE("Whoever may not change a unit is told so by line", "[imports]")
{
    Office office;
    REQUIRE(office.units(threeUnits).errors.empty());
    const auto own = office.store.units.findByCode(QStringLiteral("x1")).value()->id;
    office.context.mayChange = [own](const std::optional<UnitId>& unit) -> Result<void> {
        if (unit == own)
            return {};
        return fail(ErrorCategory::Forbidden, {QStringLiteral("không được"), QStringLiteral("not allowed")});
    };
    const ImportReport report = office.units("code,name,kind,parent_code\n"
                                             "t2,Thôn Hai,hamlet,x1\n"
                                             "t3,Thôn Ba,hamlet,x2\n"
                                             "x9,Gốc mới,commune,\n"
                                             "x1,Xã Một,commune,x2\n");
    std::vector<qint64> lines;
    for (const LineError& error : report.errors)
        lines.push_back(error.line);
    CHECK(lines == std::vector<qint64>{3, 4, 5});
    CHECK(office.stations("code,name,unit_code\nd1,A,x1\n").created == 1);
    CHECK(office.stations("code,name,unit_code\nd2,B,x2\n").errors.size() == 1);
    CHECK(office.stations("code,name,unit_code\nd1,A,x2\n").errors.size() == 1);
}
