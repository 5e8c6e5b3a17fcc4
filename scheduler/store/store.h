// All repositories over one database. Storage thread; borrows the database; cheap to make.
#pragma once

#include "scheduler/store/agent_repository.h"
#include "scheduler/store/airing_repository.h"
#include "scheduler/store/audit_repository.h"
#include "scheduler/store/bundle_repository.h"
#include "scheduler/store/command_repository.h"
#include "scheduler/store/hand_edit_repository.h"
#include "scheduler/store/item_repository.h"
#include "scheduler/store/plan_repository.h"
#include "scheduler/store/relay_repository.h"
#include "scheduler/store/rule_repository.h"
#include "scheduler/store/special_calendar_repository.h"
#include "scheduler/store/station_repository.h"
#include "scheduler/store/template_repository.h"
#include "scheduler/store/topic_repository.h"
#include "scheduler/store/unit_repository.h"
#include "scheduler/store/upload_repository.h"
#include "scheduler/store/user_repository.h"

namespace loa::store {

struct Store {
    explicit Store(Database& opened)
        : database(opened), units(opened), stations(opened), agents(opened), users(opened), topics(opened),
          items(opened), uploads(opened), policies(opened), sessionRules(opened), templates(opened), relays(opened),
          specialCalendars(opened), obligations(opened), plans(opened), edits(opened), bundles(opened),
          commands(opened), airings(opened), audit(opened)
    {
    }

    Database& database;
    UnitRepository units;
    StationRepository stations;
    AgentRepository agents;
    UserRepository users;
    TopicRepository topics;
    ItemRepository items;
    UploadRepository uploads;
    PolicyRepository policies;
    SessionRuleRepository sessionRules;
    TemplateRepository templates;
    RelayRepository relays;
    SpecialCalendarRepository specialCalendars;
    ObligationRepository obligations;
    PlanRepository plans;
    HandEditRepository edits;
    BundleRepository bundles;
    CommandRepository commands;
    AiringRepository airings;
    AuditRepository audit;
};

} // namespace loa::store
