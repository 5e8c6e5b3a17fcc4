// What a unit lays down for its stations and those below it, such as templates and calendars of special days: listed up
// the tree, made, changed and removed by revision. A kind says what it is and how it is read; its routes are made of
// that. Storage thread.
#pragma once

#include "scheduler/api/context.h"
#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/revision.h"

#include <vector>

namespace loa::api {

// The unit that the query names, when the person may read there; nothing else stands in the query.
[[nodiscard]] Result<UnitId> readableUnit(QueryReader& query, Context& context);

// `Kind` has
//   using Value;                                              a value with id, unit and revision
//   static constexpr const char* name;                        in the audit log: "NAME.create" of "NAME:id"
//   static Text changedMeanwhile();                           to whoever comes second
//   static auto& repository(store::Store&);                   add, change, remove, find, ofUnit
//   static QJsonObject json(const Value&);
//   static Result<void> read(JsonReader&, Value&, Context&);  all but id, unit and revision; asks finish(), checks
template <typename Kind>
class LaidDown {
public:
    using Value = typename Kind::Value;
    using ValueId = decltype(Value::id);

    // Of the unit and those above, the nearest unit's first.
    static Result<Response> list(const Request& request, Context& context)
    {
        QueryReader query(request);
        const auto unit = readableUnit(query, context);
        if (!unit)
            return passOn(unit);
        const auto tree = context.tree();
        if (!tree)
            return passOn(tree);
        std::vector<Value> all;
        for (const UnitId& above : (*tree)->pathOn(*unit, context.today)) {
            auto own = Kind::repository(context.store).ofUnit(above);
            if (!own)
                return passOn(own);
            std::ranges::move(*own, std::back_inserter(all));
        }
        return listResponse(all, Kind::json);
    }

    static Result<Response> add(const Request& request, Context& context)
    {
        const auto body = jsonBody(request);
        if (!body)
            return passOn(body);
        JsonReader reader(*body);
        Value value;
        value.id = ValueId{newId(context.now)};
        value.unit = reader.id<UnitTag>(QLatin1String("unit_id"));
        if (!reader.failed()) {
            if (const auto known = context.demandKnown(value.unit, "/unit_id"); !known)
                return passOn(known);
            if (const auto allowed = context.demand(model::Action::ManageSessionRules, value.unit); !allowed)
                return passOn(allowed);
        }
        if (const auto read = Kind::read(reader, value, context); !read)
            return passOn(read);
        if (const auto added = Kind::repository(context.store).add(value); !added)
            return passOn(added);
        if (const auto told = tell(context, value, "create"); !told)
            return passOn(told);
        return answer(201, value);
    }

    static Result<Response> change(const Request& request, Context& context)
    {
        const auto body = jsonBody(request);
        if (!body)
            return passOn(body);
        auto value = own(request, context);
        if (!value)
            return passOn(value);
        if (auto other = otherRevision(request, value->revision, Kind::changedMeanwhile()))
            return *std::move(other);
        JsonReader reader(*body);
        if (const auto read = Kind::read(reader, *value, context); !read)
            return passOn(read);
        if (const auto stored = Kind::repository(context.store).change(*value); !stored)
            return passOn(stored);
        ++value->revision;
        if (const auto told = tell(context, *value, "change"); !told)
            return passOn(told);
        return answer(200, *value);
    }

    static Result<Response> remove(const Request& request, Context& context)
    {
        const auto value = own(request, context);
        if (!value)
            return passOn(value);
        if (auto other = otherRevision(request, value->revision, Kind::changedMeanwhile()))
            return *std::move(other);
        if (const auto removed = Kind::repository(context.store).remove(value->id); !removed)
            return passOn(removed);
        if (const auto told = tell(context, *value, "remove"); !told)
            return passOn(told);
        return Response::empty();
    }

private:
    static Response answer(int status, const Value& value)
    {
        Response response = Response::json(status, Kind::json(value));
        response.with("ETag", entityTag(value.revision));
        return response;
    }

    // The one of the path, which the person may change.
    static Result<Value> own(const Request& request, Context& context)
    {
        const auto id = idFromPath<ValueId>(request, QLatin1String("id"));
        if (!id)
            return passOn(id);
        auto value = Kind::repository(context.store).find(*id);
        if (!value)
            return value;
        if (const auto allowed = context.demand(model::Action::ManageSessionRules, value->unit); !allowed)
            return passOn(allowed);
        return value;
    }

    static Result<void> tell(Context& context, const Value& value, const char* action)
    {
        const QString name = QLatin1String(Kind::name);
        if (const auto noted =
                context.audit(name + u'.' + QLatin1String(action), name + u':' + value.id.value, Kind::json(value));
            !noted)
            return noted;
        return context.wishPlansUnder(value.unit);
    }
};

} // namespace loa::api
