// Topics that items treat. Storage thread; borrows the database. The first ones come from config/topics.json.
#pragma once

#include "scheduler/model/item.h"
#include "scheduler/store/database.h"

namespace loa::store {

// Reads {"topics":[{"id","group","name_vi","name_en"}]}. Error: InvalidInput with the place.
[[nodiscard]] Result<std::vector<model::Topic>> topicsFromJson(const QByteArray& json);

class TopicRepository {
public:
    explicit TopicRepository(Database& database) : m_database(database) {}

    // Adds it, or corrects the one of that id. The order of adding is the order of listing.
    [[nodiscard]] Result<void> put(const model::Topic& topic);
    [[nodiscard]] Result<std::vector<model::Topic>> all();

private:
    Database& m_database;
};

} // namespace loa::store
