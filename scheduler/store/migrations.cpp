// What SQLite and PostgreSQL both take: instants, dates, hashes and keys are TEXT, flags are INTEGER 0 or 1.
// tests/scheduler/store/sql_test.cpp holds the words of either dialect away.
#include "scheduler/store/migrations.h"

#include <array>

namespace loa::store {

namespace {

constexpr const char* organisationTables[] = {
    R"(CREATE TABLE units (
        id TEXT PRIMARY KEY,
        code TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        valid_from TEXT NOT NULL,
        valid_until TEXT,
        CHECK (valid_until IS NULL OR valid_until >= valid_from)))",
    // From valid_from until the unit's next link. No parent: a root.
    R"(CREATE TABLE unit_links (
        unit_id TEXT NOT NULL REFERENCES units (id),
        valid_from TEXT NOT NULL,
        parent_id TEXT REFERENCES units (id),
        PRIMARY KEY (unit_id, valid_from),
        CHECK (parent_id IS NULL OR parent_id <> unit_id)))",
    R"(CREATE TABLE stations (
        id TEXT PRIMARY KEY,
        unit_id TEXT NOT NULL REFERENCES units (id),
        code TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        time_zone TEXT NOT NULL,
        created_at TEXT NOT NULL))",
    "CREATE INDEX stations_by_unit ON stations (unit_id)",
    // A cluster that was taken down stays, so that what it sounded still counts.
    R"(CREATE TABLE speaker_clusters (
        id TEXT PRIMARY KEY,
        station_id TEXT NOT NULL REFERENCES stations (id),
        place INTEGER NOT NULL,
        name TEXT NOT NULL,
        output TEXT NOT NULL,
        speakers INTEGER NOT NULL CHECK (speakers >= 0),
        removed_at TEXT))",
    "CREATE INDEX speaker_clusters_by_station ON speaker_clusters (station_id)",
};

constexpr const char* peopleTables[] = {
    R"(CREATE TABLE users (
        id TEXT PRIMARY KEY,
        username TEXT NOT NULL UNIQUE,
        full_name TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        active INTEGER NOT NULL CHECK (active IN (0, 1)),
        created_at TEXT NOT NULL))",
    R"(CREATE TABLE user_roles (
        user_id TEXT NOT NULL REFERENCES users (id),
        role TEXT NOT NULL,
        unit_id TEXT NOT NULL REFERENCES units (id),
        PRIMARY KEY (user_id, role, unit_id)))",
    R"(CREATE TABLE person_sessions (
        token_sha256 TEXT PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES users (id),
        created_at TEXT NOT NULL,
        used_at TEXT NOT NULL))",
    "CREATE INDEX person_sessions_by_user ON person_sessions (user_id)",
    R"(CREATE TABLE sign_in_failures (
        username TEXT NOT NULL,
        address TEXT NOT NULL,
        failed_at TEXT NOT NULL))",
    "CREATE INDEX sign_in_failures_by_username ON sign_in_failures (username, failed_at)",
    "CREATE INDEX sign_in_failures_by_address ON sign_in_failures (address, failed_at)",
    R"(CREATE TABLE audit (
        number BIGINT PRIMARY KEY,
        recorded_at TEXT NOT NULL,
        user_id TEXT REFERENCES users (id),
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        detail TEXT NOT NULL,
        previous_hash TEXT NOT NULL,
        hash TEXT NOT NULL))",
    "CREATE INDEX audit_by_subject ON audit (subject, number)",
};

constexpr const char* itemTables[] = {
    R"(CREATE TABLE topics (
        id TEXT PRIMARY KEY,
        place INTEGER NOT NULL,
        topic_group TEXT NOT NULL,
        name_vi TEXT NOT NULL,
        name_en TEXT NOT NULL))",
    R"(CREATE TABLE uploads (
        id TEXT PRIMARY KEY,
        owner_id TEXT NOT NULL REFERENCES users (id),
        filename TEXT NOT NULL,
        length BIGINT NOT NULL CHECK (length >= 0),
        received BIGINT NOT NULL CHECK (received >= 0),
        created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        CHECK (received <= length)))",
    R"(CREATE TABLE items (
        id TEXT PRIMARY KEY,
        revision BIGINT NOT NULL,
        title TEXT NOT NULL,
        unit_id TEXT NOT NULL REFERENCES units (id),
        scope_id TEXT NOT NULL REFERENCES units (id),
        script TEXT NOT NULL,
        valid_from TEXT NOT NULL,
        valid_until TEXT,
        priority TEXT NOT NULL,
        status TEXT NOT NULL,
        decision_reason TEXT NOT NULL,
        approval_number INTEGER,
        search_text TEXT NOT NULL,
        created_by TEXT NOT NULL REFERENCES users (id),
        created_at TEXT NOT NULL))",
    "CREATE INDEX items_by_status ON items (status)",
    R"(CREATE TABLE item_topics (
        item_id TEXT NOT NULL REFERENCES items (id),
        topic_id TEXT NOT NULL REFERENCES topics (id),
        place INTEGER NOT NULL,
        PRIMARY KEY (item_id, topic_id)))",
    R"(CREATE TABLE item_versions (
        item_id TEXT NOT NULL REFERENCES items (id),
        number INTEGER NOT NULL CHECK (number > 0),
        upload_id TEXT NOT NULL,
        source_name TEXT NOT NULL,
        source_sha256 TEXT,
        sha256 TEXT,
        bytes BIGINT NOT NULL,
        frames BIGINT NOT NULL,
        integrated_lufs DOUBLE PRECISION,
        true_peak_dbtp DOUBLE PRECISION,
        report TEXT NOT NULL,
        refusal_category TEXT,
        refusal_vi TEXT,
        refusal_en TEXT,
        refusal_where TEXT,
        created_at TEXT NOT NULL,
        PRIMARY KEY (item_id, number)))",
    "CREATE INDEX item_versions_by_sha256 ON item_versions (sha256)",
    // Every approval ever given; items.approval_number names the one that holds.
    R"(CREATE TABLE item_approvals (
        item_id TEXT NOT NULL REFERENCES items (id),
        number INTEGER NOT NULL CHECK (number > 0),
        version INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        approved_by TEXT NOT NULL REFERENCES users (id),
        approved_by_name TEXT NOT NULL,
        approved_at TEXT NOT NULL,
        PRIMARY KEY (item_id, number)))",
};

constexpr const char* planTables[] = {
    R"(CREATE TABLE policies (
        id TEXT PRIMARY KEY,
        unit_id TEXT NOT NULL REFERENCES units (id),
        valid_from TEXT NOT NULL,
        document TEXT NOT NULL))",
    "CREATE INDEX policies_by_unit ON policies (unit_id)",
    R"(CREATE TABLE session_rules (
        id TEXT PRIMARY KEY,
        station_id TEXT NOT NULL REFERENCES stations (id),
        title TEXT NOT NULL,
        rrule TEXT NOT NULL,
        start_date TEXT NOT NULL,
        start_time TEXT NOT NULL,
        duration_seconds BIGINT NOT NULL CHECK (duration_seconds > 0),
        valid_from TEXT NOT NULL,
        valid_until TEXT))",
    "CREATE INDEX session_rules_by_station ON session_rules (station_id)",
    R"(CREATE TABLE obligations (
        id TEXT PRIMARY KEY,
        unit_id TEXT NOT NULL REFERENCES units (id),
        plan TEXT NOT NULL,
        plan_row INTEGER NOT NULL,
        title_vi TEXT NOT NULL,
        title_en TEXT NOT NULL,
        duty_holder_vi TEXT NOT NULL,
        reported_to_vi TEXT NOT NULL,
        required INTEGER NOT NULL CHECK (required >= 0),
        period TEXT NOT NULL,
        due TEXT,
        topic_groups TEXT NOT NULL,
        evidence TEXT NOT NULL,
        valid_from TEXT NOT NULL,
        valid_until TEXT))",
    R"(CREATE TABLE planned_sessions (
        id TEXT PRIMARY KEY,
        station_id TEXT NOT NULL REFERENCES stations (id),
        rule_id TEXT NOT NULL,
        title TEXT NOT NULL,
        local_date TEXT NOT NULL,
        starts_at TEXT NOT NULL,
        frames BIGINT NOT NULL CHECK (frames > 0)))",
    "CREATE INDEX planned_sessions_by_start ON planned_sessions (station_id, starts_at)",
    R"(CREATE TABLE placements (
        airing_id TEXT PRIMARY KEY,
        session_id TEXT NOT NULL REFERENCES planned_sessions (id),
        item_id TEXT NOT NULL REFERENCES items (id),
        version INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        start_frame BIGINT NOT NULL CHECK (start_frame >= 0),
        frames BIGINT NOT NULL CHECK (frames > 0),
        priority TEXT NOT NULL,
        reason_vi TEXT NOT NULL,
        reason_en TEXT NOT NULL,
        UNIQUE (session_id, item_id)))",
    R"(CREATE TABLE shortfalls (
        station_id TEXT NOT NULL REFERENCES stations (id),
        obligation_id TEXT NOT NULL,
        first_day TEXT NOT NULL,
        last_day TEXT NOT NULL,
        required INTEGER NOT NULL,
        completed INTEGER NOT NULL,
        planned INTEGER NOT NULL,
        reason_vi TEXT NOT NULL,
        reason_en TEXT NOT NULL,
        PRIMARY KEY (station_id, obligation_id, first_day)))",
    R"(CREATE TABLE plan_wishes (
        station_id TEXT PRIMARY KEY REFERENCES stations (id),
        wished_at TEXT NOT NULL))",
    R"(CREATE TABLE bundles (
        station_id TEXT NOT NULL REFERENCES stations (id),
        version BIGINT NOT NULL CHECK (version > 0),
        issued_at TEXT NOT NULL,
        valid_until TEXT NOT NULL,
        sealed_sha256 TEXT NOT NULL,
        sealed TEXT NOT NULL,
        PRIMARY KEY (station_id, version)))",
};

constexpr const char* fleetTables[] = {
    R"(CREATE TABLE agents (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        public_key TEXT NOT NULL UNIQUE,
        enrolled_at TEXT NOT NULL,
        revoked INTEGER NOT NULL CHECK (revoked IN (0, 1)),
        last_seen_at TEXT,
        software TEXT NOT NULL,
        clock_state TEXT NOT NULL,
        journal_backlog BIGINT NOT NULL,
        acknowledged_through BIGINT NOT NULL CHECK (acknowledged_through >= 0)))",
    // carried_until NULL: the agent carries the station now.
    R"(CREATE TABLE agent_stations (
        agent_id TEXT NOT NULL REFERENCES agents (id),
        station_id TEXT NOT NULL REFERENCES stations (id),
        carried_from TEXT NOT NULL,
        carried_until TEXT,
        bundle_version BIGINT,
        PRIMARY KEY (agent_id, station_id, carried_from)))",
    "CREATE UNIQUE INDEX agent_stations_now ON agent_stations (station_id) WHERE carried_until IS NULL",
    R"(CREATE TABLE enrolment_codes (
        code_sha256 TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        created_by TEXT REFERENCES users (id),
        created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        used_at TEXT,
        used_by TEXT REFERENCES agents (id)))",
    R"(CREATE TABLE enrolment_code_stations (
        code_sha256 TEXT NOT NULL REFERENCES enrolment_codes (code_sha256),
        station_id TEXT NOT NULL REFERENCES stations (id),
        PRIMARY KEY (code_sha256, station_id)))",
    R"(CREATE TABLE agent_nonces (
        agent_id TEXT NOT NULL REFERENCES agents (id),
        nonce TEXT NOT NULL,
        seen_at TEXT NOT NULL,
        PRIMARY KEY (agent_id, nonce)))",
    "CREATE INDEX agent_nonces_by_time ON agent_nonces (seen_at)",
    // `entry` is the canonical JSON that was signed; the other columns are taken from it, to be searched by.
    R"(CREATE TABLE log_entries (
        agent_id TEXT NOT NULL REFERENCES agents (id),
        sequence BIGINT NOT NULL CHECK (sequence > 0),
        hash TEXT NOT NULL,
        signature TEXT NOT NULL,
        entry TEXT NOT NULL,
        received_at TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('airing', 'event')),
        station_id TEXT REFERENCES stations (id),
        planned_start TEXT,
        PRIMARY KEY (agent_id, sequence)))",
    "CREATE INDEX log_entries_by_station ON log_entries (station_id, planned_start)",
    R"(CREATE TABLE log_incidents (
        agent_id TEXT NOT NULL REFERENCES agents (id),
        sequence BIGINT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('fork', 'broken-link')),
        hash TEXT NOT NULL,
        signature TEXT NOT NULL,
        entry TEXT NOT NULL,
        noticed_at TEXT NOT NULL,
        PRIMARY KEY (agent_id, sequence, kind, hash)))",
};

// A layout is the segments and parts of a session with a template, as JSON; empty: none.
constexpr const char* decisionTables[] = {
    "ALTER TABLE items ADD COLUMN play_rules TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE obligations ADD COLUMN measure TEXT NOT NULL DEFAULT 'distinct_items'",
    "ALTER TABLE planned_sessions ADD COLUMN layout TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE placements ADD COLUMN part INTEGER NOT NULL DEFAULT 0",
    R"(CREATE TABLE hand_edits (
        id TEXT PRIMARY KEY,
        station_id TEXT NOT NULL REFERENCES stations (id),
        session_id TEXT NOT NULL,
        session_start TEXT NOT NULL,
        item_id TEXT NOT NULL REFERENCES items (id),
        kind TEXT NOT NULL CHECK (kind IN ('keep', 'away')),
        place INTEGER,
        note TEXT NOT NULL,
        made_by TEXT NOT NULL REFERENCES users (id),
        made_at TEXT NOT NULL,
        UNIQUE (session_id, item_id)))",
    "CREATE INDEX hand_edits_by_session_start ON hand_edits (station_id, session_start)",
    // Rises with every change of a station's plan or edits, for If-Match.
    R"(CREATE TABLE plan_revisions (
        station_id TEXT PRIMARY KEY REFERENCES stations (id),
        revision BIGINT NOT NULL))",
};

// RDATE and EXDATE: JSON lists of "2026-12-24T05:30:00", or of "2026-12-24" for a whole day taken off.
constexpr const char* listedStartColumns[] = {
    "ALTER TABLE session_rules ADD COLUMN added_starts TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE session_rules ADD COLUMN removed_starts TEXT NOT NULL DEFAULT '[]'",
};

// `parts` is JSON as model/session_template.h writes it.
constexpr const char* templateTables[] = {
    R"(CREATE TABLE session_templates (
        id TEXT PRIMARY KEY,
        unit_id TEXT NOT NULL REFERENCES units (id),
        name TEXT NOT NULL,
        parts TEXT NOT NULL,
        revision BIGINT NOT NULL))",
    "CREATE INDEX session_templates_by_unit ON session_templates (unit_id)",
    "ALTER TABLE session_rules ADD COLUMN template_id TEXT REFERENCES session_templates (id)",
    // A tune may sound twice in a session, so the table's UNIQUE changes.
    R"(CREATE TABLE placements_with_tunes (
        airing_id TEXT PRIMARY KEY,
        session_id TEXT NOT NULL REFERENCES planned_sessions (id),
        item_id TEXT NOT NULL REFERENCES items (id),
        version INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        start_frame BIGINT NOT NULL CHECK (start_frame >= 0),
        frames BIGINT NOT NULL CHECK (frames > 0),
        priority TEXT NOT NULL,
        reason_vi TEXT NOT NULL,
        reason_en TEXT NOT NULL,
        part INTEGER NOT NULL DEFAULT 0,
        tune TEXT NOT NULL DEFAULT '',
        UNIQUE (session_id, item_id, tune)))",
    R"(INSERT INTO placements_with_tunes (airing_id, session_id, item_id, version, sha256, start_frame, frames, priority,
        reason_vi, reason_en, part)
        SELECT airing_id, session_id, item_id, version, sha256, start_frame, frames, priority, reason_vi, reason_en, part
        FROM placements)",
    "DROP TABLE placements",
    "ALTER TABLE placements_with_tunes RENAME TO placements",
};

// `days` is JSON as model/special_days.h writes it.
constexpr const char* specialDayTables[] = {
    R"(CREATE TABLE special_calendars (
        id TEXT PRIMARY KEY,
        unit_id TEXT NOT NULL REFERENCES units (id),
        name TEXT NOT NULL,
        decision TEXT NOT NULL,
        days TEXT NOT NULL,
        revision BIGINT NOT NULL))",
    "CREATE INDEX special_calendars_by_unit ON special_calendars (unit_id)",
};

constexpr const char* commandTables[] = {
    // `details` is JSON; either unit_id or station_id says whom it is for.
    R"(CREATE TABLE command_orders (
        id TEXT PRIMARY KEY,
        unit_id TEXT REFERENCES units (id),
        station_id TEXT REFERENCES stations (id),
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        details TEXT NOT NULL,
        item_id TEXT REFERENCES items (id),
        ordered_by TEXT NOT NULL REFERENCES users (id),
        ordered_by_name TEXT NOT NULL,
        ordered_at TEXT NOT NULL,
        valid_until TEXT NOT NULL))",
    "CREATE INDEX command_orders_by_time ON command_orders (ordered_at)",
    R"(CREATE TABLE commands (
        id TEXT PRIMARY KEY,
        order_id TEXT NOT NULL REFERENCES command_orders (id),
        station_id TEXT NOT NULL REFERENCES stations (id),
        sequence BIGINT CHECK (sequence > 0),
        sealed TEXT NOT NULL,
        airing_id TEXT,
        valid_until TEXT NOT NULL,
        standing TEXT NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        answered_at TEXT,
        UNIQUE (station_id, sequence)))",
    "CREATE INDEX commands_by_order ON commands (order_id)",
    "CREATE INDEX commands_waiting ON commands (station_id) WHERE standing = 'waiting'",
};

// How an airing meets its neighbours: contract/mix_rules.h.
constexpr const char* mixColumns[] = {
    "ALTER TABLE placements ADD COLUMN fade_in BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE placements ADD COLUMN fade_out BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE placements ADD COLUMN duck_db INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE placements ADD COLUMN duck_glide BIGINT NOT NULL DEFAULT 0",
};

// `definition` is JSON as contract/relay.h writes it; the consent is to the hash of one.
constexpr const char* relayTables[] = {
    R"(CREATE TABLE relay_sources (
        id TEXT PRIMARY KEY,
        unit_id TEXT NOT NULL REFERENCES units (id),
        name TEXT NOT NULL,
        definition TEXT NOT NULL,
        revision BIGINT NOT NULL,
        approved_definition TEXT,
        approved_by TEXT REFERENCES users (id),
        approved_by_name TEXT,
        approved_at TEXT))",
    "CREATE INDEX relay_sources_by_unit ON relay_sources (unit_id)",
};

// JSON as contract/station_condition.h writes it; empty: not told yet.
constexpr const char* conditionColumns[] = {
    "ALTER TABLE agent_stations ADD COLUMN condition_json TEXT NOT NULL DEFAULT ''",
};

constexpr const char* shortfallColumns[] = {
    "ALTER TABLE shortfalls ADD COLUMN proven INTEGER NOT NULL DEFAULT 1",
};

constexpr std::array<Migration, 14> allMigrations{{{1, "organisation", organisationTables},
                                                   {2, "people", peopleTables},
                                                   {3, "items", itemTables},
                                                   {4, "plan", planTables},
                                                   {5, "fleet", fleetTables},
                                                   {6, "decisions", decisionTables},
                                                   {7, "listed starts", listedStartColumns},
                                                   {8, "session templates", templateTables},
                                                   {9, "special days", specialDayTables},
                                                   {10, "commands", commandTables},
                                                   {11, "mixes", mixColumns},
                                                   {12, "relay sources", relayTables},
                                                   {13, "station conditions", conditionColumns},
                                                   {14, "proven shortfalls", shortfallColumns}}};

} // namespace

std::span<const Migration> migrations()
{
    return allMigrations;
}

} // namespace loa::store
