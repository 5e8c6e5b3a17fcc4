// Items with their versions and approvals. What changes them is scheduler/model/item_workflow.h; this keeps the
// outcome, and never forgets an approval that was given. Storage thread; borrows the database. Errors: NotFound,
// Conflict (revision), InvalidInput (unknown topic), Storage.
#pragma once

#include "scheduler/model/item.h"
#include "scheduler/store/database.h"

namespace loa::store {

struct ItemFilter {
    std::optional<model::ItemStatus> status;
    QString text;                             // words of title or script; case and Vietnamese marks do not matter
    std::optional<std::vector<UnitId>> units; // of the item, or of its scope
    int limit = 200;
};

class ItemRepository {
public:
    explicit ItemRepository(Database& database) : m_database(database) {}

    [[nodiscard]] Result<void> add(const model::Item& item);
    // Stores `item` if the stored revision is still `item.revision`, and gives it back with the next one. Conflict
    // otherwise. Versions are added and completed, never removed.
    [[nodiscard]] Result<model::Item> save(const model::Item& item);

    [[nodiscard]] Result<model::Item> find(const ItemId& id);
    [[nodiscard]] Result<std::vector<model::Item>>
    list(const ItemFilter& filter); // newest first; without versions' reports
    // Items that may sound (soundingVersion() is not null), by id.
    [[nodiscard]] Result<std::vector<model::Item>> approved();
    // Items whose audio was being read when the program ended.
    [[nodiscard]] Result<std::vector<model::Item>> processing();

    // The approval under which `sha256` of `item` was given free, also when it was voided since; the latest of several.
    [[nodiscard]] Result<std::optional<model::Approval>> approvalOf(const ItemId& item, const Sha256& sha256);
    // Every item with each of its topics.
    [[nodiscard]] Result<std::vector<std::pair<ItemId, TopicId>>> topicsOfAll();
    // Who approved each item last, also when that was voided since; items never approved are absent.
    [[nodiscard]] Result<std::vector<std::pair<ItemId, QString>>> lastApprovers();
    // Some version of some item has this house file.
    [[nodiscard]] Result<bool> hasMedia(const Sha256& sha256);

private:
    [[nodiscard]] Result<std::vector<model::Item>> select(const QString& rest, const Values& values, bool withReports);
    [[nodiscard]] Result<void> putParts(const model::Item& item);

    Database& m_database;
};

// Lower case without marks, đ as d: what searches compare.
[[nodiscard]] QString foldedForSearch(const QString& text);

} // namespace loa::store
