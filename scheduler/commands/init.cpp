// loa-scheduler init: a data folder with database, key, presets, the district as root unit and its first administrator.
// Everything is made beside and named last, so that a run that fails leaves nothing that a second run would stumble
// over.
#include "scheduler/commands/command.h"
#include "scheduler/commands/data_folder.h"
#include "scheduler/contract/clock.h"
#include "scheduler/contract/signature.h"
#include "scheduler/imports/presets.h"
#include "scheduler/store/password.h"
#include "scheduler/store/store.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QTimeZone>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace loa::commands {

namespace {

constexpr OptionSpec initOptions[] = {
    dataOption,
    configOption,
    {"district", "NAME", "name of the district, root of its units (default: Đơn vị)",
     "tên huyện hoặc đơn vị gốc (mặc định: Đơn vị)"},
    {"code", "CODE", "code of the district (default: goc)", "mã đơn vị gốc (mặc định: goc)"},
    {"kind", "KIND", "what it is: district, commune, … (default: district)",
     "loại đơn vị: district, commune, … (mặc định: district)"},
    {"valid-from", "DATE", "its first day (default: 1 January of this year)",
     "ngày đầu tiên (mặc định: 1 tháng 1 năm nay)"},
    {"policy", "ID", "preset of hours to begin with (default: gio-yen-tinh)",
     "khung giờ mẫu ban đầu (mặc định: gio-yen-tinh)", true},
    {"special-days", "ID", "preset of special days to begin with, this year's and the next's (default: none)",
     "ngày đặc biệt mẫu ban đầu, của năm nay và năm sau (mặc định: không)", true},
    {"presets", "DIR", "folder with topics.json, policies/, obligations/, special_days/ and templates/",
     "thư mục có topics.json, policies/, obligations/, special_days/ và templates/"},
    {"admin", "USERNAME", "first administrator (default: admin)", "người quản trị đầu tiên (mặc định: admin)"},
};

struct NewDistrict {
    model::Unit unit;
    std::vector<HoursPolicy> policies;
    std::vector<model::SpecialCalendar> specialCalendars;
    imports::Presets presets;
    QDate countedFrom; // first day of the month of the installation
    QString admin;
    QString password;
};

Result<QDate> dateOption(const Arguments& arguments, const char* name, QDate fallback)
{
    if (!arguments.has(name))
        return fallback;
    const QString text = arguments.value(name);
    const QDate date = text.size() == 10 ? QDate::fromString(text, QStringLiteral("yyyy-MM-dd")) : QDate();
    if (!date.isValid())
        return fail(
            ErrorCategory::InvalidInput,
            {QStringLiteral("ngày phải viết như 2025-07-01"), QStringLiteral("a date is written like 2025-07-01")},
            QStringLiteral("--") + QLatin1String(name));
    return date;
}

Result<NewDistrict> plannedDistrict(const Arguments& arguments, UtcTime now)
{
    NewDistrict district;
    QString folder = arguments.value("presets");
    if (folder.isEmpty()) {
        auto found = imports::findPresets();
        if (!found)
            return passOn(found);
        folder = *found;
    }
    auto presets = imports::loadPresets(folder);
    if (!presets)
        return passOn(presets);
    district.presets = *std::move(presets);

    QStringList wanted = arguments.values("policy");
    if (wanted.isEmpty())
        wanted = {QStringLiteral("gio-yen-tinh")};
    for (const QString& id : std::as_const(wanted)) {
        const auto& policies = district.presets.policies;
        const auto found =
            std::find_if(policies.begin(), policies.end(), [&](const auto& each) { return each.id.value == id; });
        if (found == policies.end()) {
            QStringList known;
            for (const HoursPolicy& policy : policies)
                known.append(policy.id.value);
            return fail(
                ErrorCategory::NotFound,
                {QStringLiteral("không có khung giờ mẫu \"%1\"; có: %2").arg(id, known.join(QStringLiteral(", "))),
                 QStringLiteral("there is no preset of hours \"%1\"; there are: %2")
                     .arg(id, known.join(QStringLiteral(", ")))},
                folder);
        }
        district.policies.push_back(*found);
    }

    const qint64 milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    const QDate today = QDateTime::fromMSecsSinceEpoch(milliseconds, QTimeZone("Asia/Ho_Chi_Minh")).date();
    district.countedFrom = QDate(today.year(), today.month(), 1);
    const auto validFrom = dateOption(arguments, "valid-from", QDate(today.year(), 1, 1));
    if (!validFrom)
        return passOn(validFrom);
    district.unit.id = {newId(now)};
    district.unit.code = arguments.value("code", QStringLiteral("goc"));
    district.unit.name = arguments.value("district", QStringLiteral("Đơn vị"));
    district.unit.kind = arguments.value("kind", QStringLiteral("district"));
    district.unit.validFrom = *validFrom;
    static const QRegularExpression code(QStringLiteral("\\A[A-Za-z0-9][A-Za-z0-9._-]{0,31}\\z"));
    if (!code.match(district.unit.code).hasMatch())
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("mã chỉ được gồm chữ không dấu, số và . _ -"),
                     QStringLiteral("a code holds only letters a-z, digits and . _ -")},
                    QStringLiteral("--code"));

    for (const QString& id : arguments.values("special-days")) {
        const auto& known = district.presets.specialDays;
        const auto found = std::ranges::find(known, id, &imports::SpecialDaysPreset::id);
        if (found == known.end()) {
            QStringList ids;
            for (const imports::SpecialDaysPreset& preset : known)
                ids.append(preset.id);
            return fail(
                ErrorCategory::NotFound,
                {QStringLiteral("không có ngày đặc biệt mẫu \"%1\"; có: %2").arg(id, ids.join(QStringLiteral(", "))),
                 QStringLiteral("there is no preset of special days \"%1\"; there are: %2")
                     .arg(id, ids.join(QStringLiteral(", ")))},
                folder);
        }
        for (const int year : {today.year(), today.year() + 1}) {
            model::SpecialCalendar calendar = calendarOf(*found, year);
            calendar.id = {newId(now)};
            calendar.unit = district.unit.id;
            if (!calendar.days.empty())
                district.specialCalendars.push_back(std::move(calendar));
        }
    }

    district.admin = arguments.value("admin", QStringLiteral("admin"));
    district.password = store::newSecretCode();
    return district;
}

Result<void> fillDatabase(store::Database& database, const NewDistrict& district, const VerifyKey& key, UtcTime now)
{
    store::Store store(database);
    const auto hash = store::hashPassword(district.password);
    if (!hash)
        return passOn(hash);
    return database.transaction([&]() -> Result<void> {
        if (auto added = store.units.add(district.unit); !added)
            return added;
        for (const model::Topic& topic : district.presets.topics) {
            if (auto put = store.topics.put(topic); !put)
                return put;
        }
        for (const HoursPolicy& policy : district.policies) {
            if (auto added = store.policies.add({district.unit.id, policy}); !added)
                return added;
        }
        for (const model::SpecialCalendar& calendar : district.specialCalendars) {
            if (auto added = store.specialCalendars.add(calendar); !added)
                return added;
        }
        for (model::Obligation obligation : district.presets.obligations) {
            obligation.unit = district.unit.id;
            // Nothing was logged before this installation: earlier months are not failed, they are unknown here.
            const bool stillOwed = !obligation.validUntil || *obligation.validUntil >= district.countedFrom;
            if (obligation.evidence == model::ObligationEvidence::Airings && stillOwed)
                obligation.validFrom = std::max(obligation.validFrom, district.countedFrom);
            if (auto put = store.obligations.put(obligation); !put)
                return put;
        }
        model::User admin;
        admin.id = {newId(now)};
        admin.username = district.admin;
        admin.fullName = QStringLiteral("Quản trị");
        admin.roles = {{model::Role::Administrator, district.unit.id}};
        admin.createdAt = now;
        if (auto added = store.users.add(admin, *hash); !added)
            return added;
        return store.audit.append(
            now, nullptr, QStringLiteral("loa-scheduler init"), QStringLiteral("scheduler.init"),
            QStringLiteral("unit:") + district.unit.id.value,
            {{QStringLiteral("scheduler_key"), key.keyId()}, {QStringLiteral("admin"), district.admin}});
    });
}

Result<SigningKey> makeKey(const DataFolder& folder)
{
    if (auto made = library::makePrivateFolder(folder.keys()); !made)
        return passOn(made);
    // Left by a run that did not come to its end: nothing was signed with it yet.
    if (QFileInfo::exists(folder.key()))
        return SigningKey::load(folder.key());
    SigningKey key = SigningKey::generate();
    if (auto saved = key.save(folder.key()); !saved)
        return passOn(saved);
    return key;
}

Result<int> runInit(const Arguments& arguments)
{
    const SystemClock clock;
    const auto folder = dataFolderFrom(arguments);
    if (!folder)
        return passOn(folder);
    const auto district = plannedDistrict(arguments, clock.now());
    if (!district)
        return passOn(district);

    if (auto made = library::makePrivateFolder(folder->path); !made)
        return passOn(made);
    const auto lock = takeLock(*folder);
    if (!lock)
        return passOn(lock);
    if (QFileInfo::exists(folder->database()))
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("thư mục này đã có dữ liệu của loa-scheduler; không ghi đè"),
                     QStringLiteral("this folder holds a scheduler's data already; it is not replaced")},
                    folder->path);
    const auto key = makeKey(*folder);
    if (!key)
        return passOn(key);

    const QString growing = folder->database() + QStringLiteral(".new");
    for (const char* part : {"", "-wal", "-shm"})
        QFile::remove(growing + QLatin1String(part));
    {
        auto database = store::Database::open(growing);
        if (!database)
            return passOn(database);
        if (auto filled = fillDatabase(**database, *district, key->verifyKey(), clock.now()); !filled)
            return passOn(filled);
    }
    if (auto synced = library::syncFile(growing); !synced)
        return passOn(synced);
    if (std::rename(QFile::encodeName(growing).constData(), QFile::encodeName(folder->database()).constData()) != 0)
        return tl::unexpected(library::systemError(errno, folder->database()));
    if (auto synced = library::syncFolder(folder->path); !synced)
        return passOn(synced);

    say(QStringLiteral("Data folder / Thư mục dữ liệu: %1\n"
                       "Scheduler key / Khoá của bộ lập lịch: %2 (%3)\n"
                       "Hours / Khung giờ: %4\n"
                       "Duties / Chỉ tiêu: %5\n\n"
                       "First administrator; shown only now / Người quản trị đầu tiên; chỉ hiện một lần này\n"
                       "  username / tên đăng nhập: %6\n"
                       "  password / mật khẩu: %7\n")
            .arg(folder->path, key->verifyKey().keyId(), folder->key(), district->policies.front().name,
                 QString::number(district->presets.obligations.size()), district->admin, district->password));
    return exitDone;
}

constexpr CommandSpec initSpecs[] = {
    {"init", "", "Make a new data folder with its first administrator.",
     "Tạo thư mục dữ liệu mới và người quản trị đầu tiên.", initOptions, &runInit},
};

} // namespace

std::span<const CommandSpec> initCommands()
{
    return initSpecs;
}

} // namespace loa::commands
