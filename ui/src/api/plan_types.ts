/** Values of planning by hand: schedule with parts, edits, conflicts, difference, forecast, "why not?". */
import type { BilingualText, Priority, Outcome, Shortfall } from './types'

export interface SessionSegment {
  offset_ms: number
  duration_ms: number
}
export type PartKind =
  'signature' | 'relay' | 'notices' | 'bulletin' | 'reform_column' | 'music' | 'closing' | 'items'
export interface SessionPart {
  id: string
  kind: PartKind
  segment: number
  most_ms: number
  accepts: string[]
}
export interface ScheduledAiring {
  airing_id: string
  item_id: string
  title: string
  starts_at: string
  duration_ms: number
  frames: number
  topics: string[]
  priority: Priority
  reason: BilingualText
  outcome: Outcome | null
  part: number
  edited: 'keep' | null
  edit_id: string | null
}
export interface AwayEntry {
  edit_id: string
  item_id: string
  title: string
}
export interface ScheduledSession {
  id: string
  title: string
  starts_at: string
  ends_at: string
  local_date: string
  capacity_ms: number
  used_ms: number
  frozen: boolean
  segments: SessionSegment[]
  parts: SessionPart[]
  items: ScheduledAiring[]
  away: AwayEntry[]
}
export interface Schedule {
  station_id: string
  time_zone: string
  /** Null: this scheduler takes no edits by hand. */
  revision: number | null
  frozen_until: string
  sessions: ScheduledSession[]
  shortfalls: Shortfall[]
}

export type EditKind = 'keep' | 'away'
export interface EditInput {
  session_id: string
  item_id: string
  kind: EditKind
  position?: number | null
}
export interface Conflict extends BilingualText {
  code: string
  hard: boolean
  edit: number | null
  resolutions: BilingualText[]
}
export interface EditsCheck {
  conflicts: Conflict[]
}
export interface HandEdit {
  id: string
  session_id: string
  session_title: string
  session_starts_at: string | null
  item_id: string
  title: string
  kind: EditKind
  position: number | null
  note: string
  made_by: string
  made_by_name: string
  made_at: string
}
export interface EditResult {
  revision: number
  edits: HandEdit[]
  conflicts: Conflict[]
}
export interface EditsList {
  items: HandEdit[]
  revision: number
}

export interface PlanPlace {
  session_id: string
  session_title: string
  local_date: string
  starts_at: string
  duration_ms: number
}
export interface PlanChange {
  item_id: string
  title: string
  reason: BilingualText
  from: PlanPlace | null
  to: PlanPlace | null
}
export interface PlanDifference {
  bundle_version: number | null
  revision: number
  added: PlanChange[]
  moved: PlanChange[]
  removed: PlanChange[]
}

export interface WhyNotReason extends BilingualText {
  code: string
  sessions: string[]
}
export interface WhyNot {
  item_id: string
  title: string
  scheduled: boolean
  reasons: WhyNotReason[]
  remedies: BilingualText[]
}

export type ForecastStanding = 'met' | 'on_course' | 'at_risk' | 'impossible'
export interface ForecastItem {
  obligation_id: string
  title: BilingualText
  period: { first: string; last: string }
  required: number
  completed: number
  planned: number
  standing: ForecastStanding
  probability: number
  act_by: string | null
  reason: BilingualText
  remedies: BilingualText[]
}
export interface Forecast {
  month: string
  items: ForecastItem[]
}

export type PlayPeriod = 'week' | 'month' | 'quarter' | 'year' | 'once'
export interface PlayRules {
  least_gap_minutes: number
  most_plays_a_day: number
  most_plays: { plays: number; period: PlayPeriod } | null
  not_before: string | null
  series: { name: string; episode: number } | null
  pair_with: string | null
  not_beside: string[]
  forbidden_at: string[]
}
