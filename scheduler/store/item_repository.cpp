#include "scheduler/store/item_repository.h"

#include "scheduler/store/play_rules_json.h"

#include <QHash>
#include <QJsonDocument>

#include <algorithm>

namespace loa::store {

namespace {

const QString itemColumns =
    QStringLiteral("id, revision, title, unit_id, scope_id, script, valid_from, valid_until, priority, status, "
                   "decision_reason, approval_number, created_by, created_at, play_rules");
const QString versionColumns = QStringLiteral(
    "item_id, number, upload_id, source_name, source_sha256, sha256, bytes, frames, integrated_lufs, true_peak_dbtp, "
    "refusal_category, refusal_vi, refusal_en, refusal_where, created_at");

struct ItemRow {
    model::Item item;
    std::optional<std::int64_t> approval;
};

ItemRow readItem(RowReader& row)
{
    ItemRow read;
    model::Item& item = read.item;
    item.id = row.id<ItemId>();
    item.revision = row.integer();
    item.title = row.text();
    item.unit = row.id<UnitId>();
    item.scope = row.id<UnitId>();
    item.script = row.text();
    item.validFrom = row.date();
    item.validUntil = row.optionalDate();
    item.priority = row.word(priorityFromString);
    item.status = row.word(model::itemStatusFromString);
    item.decisionReason = row.text();
    read.approval = row.optionalInteger();
    item.createdBy = row.id<UserId>();
    item.createdAt = row.time();
    const auto rules = playRulesFromJson(QJsonDocument::fromJson(row.utf8()).object());
    if (rules)
        item.playRules = *rules;
    else
        row.remark();
    return read;
}

Result<ErrorCategory> categoryFromString(QStringView text)
{
    for (int i = 0; i <= static_cast<int>(ErrorCategory::Internal); ++i) {
        const auto category = static_cast<ErrorCategory>(i);
        if (toString(category) == text)
            return category;
    }
    return fail(ErrorCategory::InvalidInput,
                {QStringLiteral("Không có loại lỗi này."), QStringLiteral("No such category.")});
}

struct VersionRow {
    ItemId item;
    model::ItemVersion version;
};

VersionRow readVersion(RowReader& row)
{
    VersionRow read;
    model::ItemVersion& version = read.version;
    read.item = row.id<ItemId>();
    version.number = row.smallInteger();
    version.upload = row.id<UploadId>();
    version.sourceName = row.text();
    version.sourceSha256 = row.optionalHash();
    version.sha256 = row.optionalHash();
    version.bytes = row.integer();
    version.frames = row.frames();
    version.integratedLufs = row.optionalReal();
    version.truePeakDbtp = row.optionalReal();
    const auto category = row.optionalText();
    const auto vi = row.optionalText();
    const auto en = row.optionalText();
    const auto where = row.optionalText();
    if (category) {
        const auto known = categoryFromString(*category);
        if (known)
            version.refusal =
                Error{*known, {vi.value_or(QString()), en.value_or(QString())}, where.value_or(QString())};
        else
            row.remark();
    }
    version.createdAt = row.time();
    return read;
}

struct ApprovalRow {
    ItemId item;
    model::Approval approval;
};

ApprovalRow readApproval(RowReader& row)
{
    ApprovalRow read;
    read.item = row.id<ItemId>();
    read.approval.version = row.smallInteger();
    read.approval.sha256 = row.hash();
    read.approval.approvedBy = row.id<UserId>();
    read.approval.approvedByName = row.text();
    read.approval.approvedAt = row.time();
    return read;
}

QString placeholders(std::size_t count)
{
    QStringList marks;
    for (std::size_t i = 0; i < count; ++i)
        marks.append(QStringLiteral("?"));
    return marks.join(QStringLiteral(", "));
}

QString likePattern(const QString& word)
{
    QString escaped = word;
    escaped.replace(QLatin1Char('!'), QStringLiteral("!!"))
        .replace(QLatin1Char('%'), QStringLiteral("!%"))
        .replace(QLatin1Char('_'), QStringLiteral("!_"));
    return QLatin1Char('%') + escaped + QLatin1Char('%');
}

tl::unexpected<Error> itemNotFound(const ItemId& id)
{
    return fail(ErrorCategory::NotFound,
                {QStringLiteral("Không có tin/bài này."), QStringLiteral("There is no such item.")}, id.value);
}

QString rulesText(const model::Item& item)
{
    return QString::fromUtf8(QJsonDocument(playRulesToJson(item.playRules)).toJson(QJsonDocument::Compact));
}

QString searchText(const model::Item& item)
{
    return foldedForSearch(item.title + QLatin1Char('\n') + item.script);
}

} // namespace

QString foldedForSearch(const QString& text)
{
    QString folded;
    for (const QChar c : text.normalized(QString::NormalizationForm_D).toLower()) {
        if (c.category() == QChar::Mark_NonSpacing)
            continue;
        folded += c == QChar(0x0111) ? QLatin1Char('d') : c;
    }
    return folded;
}

// `rest` follows "SELECT … FROM items"; parts are read for the items found alone.
Result<std::vector<model::Item>> ItemRepository::select(const QString& rest, const Values& values, bool withReports)
{
    const auto rows =
        m_database.selectAll(QStringLiteral("SELECT %1 FROM items ").arg(itemColumns) + rest, values, readItem);
    if (!rows)
        return passOn(rows);
    std::vector<model::Item> items;
    QHash<ItemId, std::size_t> index;
    Values ids;
    for (const ItemRow& row : *rows) {
        index.insert(row.item.id, items.size());
        ids.push_back(toSql(row.item.id));
        items.push_back(row.item);
    }
    // In parts of a size, so that one statement serves them all; the last part repeats its last id.
    constexpr std::size_t part = 100;
    for (std::size_t first = 0; first < ids.size(); first += part) {
        Values some;
        for (std::size_t i = 0; i < (ids.size() == 1 ? 1 : part); ++i)
            some.push_back(ids[std::min(first + i, ids.size() - 1)]);
        const QString among = QStringLiteral("IN (%1)").arg(placeholders(some.size()));

        const auto topics = m_database.selectAll(
            QStringLiteral("SELECT item_id, topic_id FROM item_topics WHERE item_id %1 ORDER BY item_id, place")
                .arg(among),
            some, [](RowReader& row) {
                const auto item = row.id<ItemId>();
                return std::pair(item, row.id<TopicId>());
            });
        if (!topics)
            return passOn(topics);
        for (const auto& [item, topic] : *topics)
            items[index.value(item)].topics.push_back(topic);

        const auto versions = m_database.selectAll(
            QStringLiteral("SELECT %1 FROM item_versions WHERE item_id %2 ORDER BY item_id, number")
                .arg(versionColumns, among),
            some, readVersion);
        if (!versions)
            return passOn(versions);
        for (const VersionRow& row : *versions)
            items[index.value(row.item)].versions.push_back(row.version);

        const auto approvals = m_database.selectAll(
            QStringLiteral("SELECT a.item_id, a.version, a.sha256, a.approved_by, a.approved_by_name, a.approved_at "
                           "FROM item_approvals a "
                           "JOIN items i ON i.id = a.item_id AND i.approval_number = a.number WHERE a.item_id %1")
                .arg(among),
            some, readApproval);
        if (!approvals)
            return passOn(approvals);
        for (const ApprovalRow& row : *approvals)
            items[index.value(row.item)].approval = row.approval;
    }
    if (withReports) {
        for (model::Item& item : items) {
            const auto reports = m_database.selectAll(
                QStringLiteral("SELECT report FROM item_versions WHERE item_id = ? ORDER BY number"), {toSql(item.id)},
                [](RowReader& row) { return row.utf8(); });
            if (!reports)
                return passOn(reports);
            for (std::size_t i = 0; i < std::min(reports->size(), item.versions.size()); ++i)
                item.versions[i].report = (*reports)[i];
        }
    }
    return items;
}

Result<void> ItemRepository::putParts(const model::Item& item)
{
    const auto removed =
        m_database.execute(QStringLiteral("DELETE FROM item_topics WHERE item_id = ?"), {toSql(item.id)});
    if (!removed)
        return passOn(removed);
    for (std::size_t i = 0; i < item.topics.size(); ++i) {
        const auto added =
            m_database.execute(QStringLiteral("INSERT INTO item_topics (item_id, topic_id, place) VALUES (?, ?, ?)"),
                               {toSql(item.id), toSql(item.topics[i]), static_cast<int>(i)});
        if (!added && added.error().category == ErrorCategory::Conflict) {
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("Không có chủ đề \"%1\".").arg(item.topics[i].value),
                         QStringLiteral("There is no topic \"%1\".").arg(item.topics[i].value)},
                        QStringLiteral("topics"));
        }
        if (!added)
            return passOn(added);
    }
    for (const model::ItemVersion& version : item.versions) {
        const auto& refusal = version.refusal;
        const auto text = [&](const QString& value) {
            return refusal ? toSql(value) : toSql(std::optional<QString>());
        };
        // A house file's hash, once there, stays that version's: other audio is another version (promise 1).
        const auto put = m_database.execute(
            QStringLiteral(
                "INSERT INTO item_versions (item_id, number, upload_id, source_name, source_sha256, sha256, bytes, "
                "frames, "
                "integrated_lufs, true_peak_dbtp, report, refusal_category, refusal_vi, refusal_en, refusal_where, "
                "created_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (item_id, number) DO UPDATE SET source_sha256 = excluded.source_sha256, sha256 = "
                "excluded.sha256, "
                "bytes = excluded.bytes, frames = excluded.frames, integrated_lufs = excluded.integrated_lufs, "
                "true_peak_dbtp = excluded.true_peak_dbtp, report = excluded.report, refusal_category = "
                "excluded.refusal_category, "
                "refusal_vi = excluded.refusal_vi, refusal_en = excluded.refusal_en, refusal_where = "
                "excluded.refusal_where "
                "WHERE item_versions.sha256 IS NULL"),
            {toSql(item.id), version.number, toSql(version.upload), toSql(version.sourceName),
             toSql(version.sourceSha256), toSql(version.sha256), toSql(version.bytes), toSql(version.frames),
             toSql(version.integratedLufs), toSql(version.truePeakDbtp), toSql(QString::fromUtf8(version.report)),
             text(refusal ? toString(refusal->category) : QString()), text(refusal ? refusal->message.vi : QString()),
             text(refusal ? refusal->message.en : QString()), text(refusal ? refusal->where : QString()),
             toSql(version.createdAt)});
        if (!put)
            return passOn(put);
    }
    if (!item.approval) {
        const auto voided = m_database.execute(QStringLiteral("UPDATE items SET approval_number = NULL WHERE id = ?"),
                                               {toSql(item.id)});
        if (!voided)
            return passOn(voided);
        return {};
    }
    const auto standing = select(QStringLiteral("WHERE id = ?"), {toSql(item.id)}, false);
    if (!standing)
        return passOn(standing);
    if (!standing->empty() && standing->front().approval == item.approval)
        return {};
    const auto given = m_database.execute(
        QStringLiteral(
            "INSERT INTO item_approvals (item_id, number, version, sha256, approved_by, approved_by_name, approved_at) "
            "VALUES (?, (SELECT COALESCE(MAX(number), 0) + 1 FROM item_approvals WHERE item_id = ?), ?, ?, ?, ?, ?)"),
        {toSql(item.id), toSql(item.id), item.approval->version, toSql(item.approval->sha256),
         toSql(item.approval->approvedBy), toSql(item.approval->approvedByName), toSql(item.approval->approvedAt)});
    if (!given)
        return passOn(given);
    const auto bound = m_database.execute(QStringLiteral("UPDATE items SET approval_number = (SELECT MAX(number) FROM "
                                                         "item_approvals WHERE item_id = ?) WHERE id = ?"),
                                          {toSql(item.id), toSql(item.id)});
    if (!bound)
        return passOn(bound);
    return {};
}

Result<void> ItemRepository::add(const model::Item& item)
{
    return m_database.transaction([&]() -> Result<void> {
        const auto inserted = m_database.execute(
            QStringLiteral(
                "INSERT INTO items (id, revision, title, unit_id, scope_id, script, valid_from, valid_until, priority, "
                "status, decision_reason, search_text, created_by, created_at, play_rules) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
            {toSql(item.id), toSql(item.revision), toSql(item.title), toSql(item.unit), toSql(item.scope),
             toSql(item.script), toSql(item.validFrom), toSql(item.validUntil), toString(item.priority),
             toString(item.status), toSql(item.decisionReason), searchText(item), toSql(item.createdBy),
             toSql(item.createdAt), rulesText(item)});
        if (!inserted)
            return passOn(inserted);
        return putParts(item);
    });
}

Result<model::Item> ItemRepository::save(const model::Item& item)
{
    return m_database.transaction([&]() -> Result<model::Item> {
        const auto updated = m_database.execute(
            QStringLiteral(
                "UPDATE items SET revision = revision + 1, title = ?, scope_id = ?, script = ?, valid_from = ?, "
                "valid_until = ?, priority = ?, status = ?, decision_reason = ?, search_text = ?, play_rules = ? "
                "WHERE id = ? AND revision = ?"),
            {toSql(item.title), toSql(item.scope), toSql(item.script), toSql(item.validFrom), toSql(item.validUntil),
             toString(item.priority), toString(item.status), toSql(item.decisionReason), searchText(item),
             rulesText(item), toSql(item.id), toSql(item.revision)});
        if (!updated)
            return passOn(updated);
        if (*updated == 0) {
            const auto known = find(item.id);
            if (!known)
                return passOn(known);
            return fail(ErrorCategory::Conflict,
                        {QStringLiteral("Tin/bài đã được người khác sửa. Hãy tải lại rồi làm lại."),
                         QStringLiteral("Someone else changed the item meanwhile. Reload and do it again.")},
                        QStringLiteral("revision %1, given %2").arg(known->revision).arg(item.revision));
        }
        if (const auto put = putParts(item); !put)
            return passOn(put);
        return find(item.id);
    });
}

Result<model::Item> ItemRepository::find(const ItemId& id)
{
    const auto found = select(QStringLiteral("WHERE id = ?"), {toSql(id)}, true);
    if (!found)
        return passOn(found);
    if (found->empty())
        return itemNotFound(id);
    return found->front();
}

Result<std::vector<model::Item>> ItemRepository::list(const ItemFilter& filter)
{
    QStringList conditions;
    Values values;
    if (filter.status) {
        conditions.append(QStringLiteral("status = ?"));
        values.push_back(toString(*filter.status));
    }
    for (const QString& word : foldedForSearch(filter.text).split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        conditions.append(QStringLiteral("search_text LIKE ? ESCAPE '!'"));
        values.push_back(likePattern(word));
    }
    if (filter.units) {
        if (filter.units->empty())
            return std::vector<model::Item>{};
        const QString marks = placeholders(filter.units->size());
        conditions.append(QStringLiteral("(unit_id IN (%1) OR scope_id IN (%1))").arg(marks));
        for (int twice = 0; twice < 2; ++twice) {
            for (const UnitId& unit : *filter.units)
                values.push_back(toSql(unit));
        }
    }
    QString rest =
        conditions.isEmpty() ? QString() : QStringLiteral("WHERE ") + conditions.join(QStringLiteral(" AND "));
    rest += QStringLiteral(" ORDER BY created_at DESC, id DESC LIMIT ?");
    values.push_back(filter.limit);
    return select(rest, values, false);
}

Result<std::vector<model::Item>> ItemRepository::approved()
{
    auto items = select(QStringLiteral("WHERE status = 'approved' ORDER BY id"), {}, false);
    if (items)
        std::erase_if(*items, [](const model::Item& item) { return soundingVersion(item) == nullptr; });
    return items;
}

Result<std::vector<model::Item>> ItemRepository::processing()
{
    return select(QStringLiteral("WHERE status = 'processing' ORDER BY id"), {}, false);
}

Result<std::optional<model::Approval>> ItemRepository::approvalOf(const ItemId& item, const Sha256& sha256)
{
    const auto rows = m_database.selectAll(
        QStringLiteral(
            "SELECT item_id, version, sha256, approved_by, approved_by_name, approved_at FROM item_approvals "
            "WHERE item_id = ? AND sha256 = ? ORDER BY number DESC LIMIT 1"),
        {toSql(item), toSql(sha256)}, readApproval);
    if (!rows)
        return passOn(rows);
    return rows->empty() ? std::nullopt : std::optional(rows->front().approval);
}

Result<std::vector<std::pair<ItemId, TopicId>>> ItemRepository::topicsOfAll()
{
    return m_database.selectAll(QStringLiteral("SELECT item_id, topic_id FROM item_topics ORDER BY item_id, place"), {},
                                [](RowReader& row) {
                                    const auto item = row.id<ItemId>();
                                    return std::pair(item, row.id<TopicId>());
                                });
}

Result<std::vector<std::pair<ItemId, QString>>> ItemRepository::lastApprovers()
{
    return m_database.selectAll(
        QStringLiteral("SELECT a.item_id, a.approved_by_name FROM item_approvals a WHERE a.number = "
                       "(SELECT MAX(b.number) FROM item_approvals b WHERE b.item_id = a.item_id) ORDER BY a.item_id"),
        {}, [](RowReader& row) {
            const auto item = row.id<ItemId>();
            return std::pair(item, row.text());
        });
}

Result<bool> ItemRepository::hasMedia(const Sha256& sha256)
{
    const auto rows =
        m_database.select(QStringLiteral("SELECT 1 FROM item_versions WHERE sha256 = ? LIMIT 1"), {toSql(sha256)});
    if (!rows)
        return passOn(rows);
    return !rows->empty();
}

} // namespace loa::store
