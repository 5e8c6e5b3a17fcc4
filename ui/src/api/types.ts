/**
 * Values on the wire, by the names the app uses. Their shapes are generated from scheduler/api/openapi.yaml (`npm run api-types`);
 * a test fails when openapi.ts is older than that description.
 * Instants are UTC text with microseconds; dates are "YYYY-MM-DD"; months "YYYY-MM".
 */
import type { components } from './openapi'

type Schemas = components['schemas']

export type Role = Schemas['Role']
export const allRoles: readonly Role[] = [
  'administrator',
  'editor',
  'approver',
  'commune_officer',
  'inspector',
]
export type RoleGrant = Schemas['RoleGrant']
export type User = Schemas['User']
export type Session = Schemas['Session']
export type Unit = Schemas['Unit']

export type Order = Schemas['Order']
export type OrderStation = Schemas['OrderStation']
export type NewOrder = Schemas['NewOrder']
export type ClockState = Schemas['ClockState']
export type Station = Schemas['Station']
export type StationCondition = Schemas['StationCondition']
export type OutputCondition = StationCondition['outputs'][number]
export type SessionRule = Schemas['SessionRule']
export type SessionRuleInput = Schemas['SessionRuleInput']
export type RuleImportReport = Schemas['RuleImportReport']
export type UnitInput = Schemas['UnitInput']
export type StationInput = Schemas['StationInput']
export type ImportReport = Schemas['ImportReport']

/** As scheduler/contract/hours.h writes it. Minutes after local midnight, `until` exclusive. */
export interface HoursWindow {
  from_minute: number
  until_minute: number
}
export const dayNames = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const
export interface HoursException {
  date: string
  windows: HoursWindow[]
  decision: string
}
export interface HoursPolicy {
  id?: string
  name: string
  decision: string
  valid_from: string
  valid_until: string | null
  week: Record<(typeof dayNames)[number], HoursWindow[]>
  exceptions: HoursException[]
  /** 0: no limit. */
  sessions_per_day: number
  /** 0: no limit. */
  session_seconds: number
  /** Without what is relayed; absent or 0: no limit. */
  own_seconds?: number
}
export interface Policy {
  unit_id: string
  policy: HoursPolicy
}

export type Agent = Schemas['Agent']
export type EnrolmentCode = Schemas['EnrolmentCode']

export type Topic = Schemas['Topic']
export type ItemStatus = Schemas['ItemStatus']
export const allItemStatuses: readonly ItemStatus[] = [
  'draft',
  'processing',
  'refused',
  'ready',
  'submitted',
  'approved',
  'rejected',
  'withdrawn',
]
export type Priority = Schemas['Priority']
export const allPriorities: readonly Priority[] = ['NORMAL', 'PRIORITY', 'EMERGENCY']
export type BilingualText = Schemas['Text']
export type Refusal = Schemas['Refusal']
export type ItemVersion = Schemas['ItemVersion']
export type Approval = Schemas['Approval']
/** Answers name every rule, with null or 0 where it binds nothing. */
export type PlayRules = Required<Schemas['PlayRules']>
export type PlayPeriod = NonNullable<PlayRules['most_plays']>['period']
export type Item = Omit<Schemas['Item'], 'play_rules'> & { play_rules: PlayRules }
export type ItemInput = Required<Omit<Schemas['ItemInput'], 'play_rules'>> & { play_rules: PlayRules }
export type ItemChange = Schemas['ItemChange']

export type RelaySource = Schemas['Relay']
export type RelayFields = Schemas['RelayChange']
export const relayKinds = ['stream', 'hls', 'rtp'] as const satisfies readonly RelaySource['kind'][]
export type TemplatePart = Required<Schemas['TemplatePart']>
export type SessionTemplate = Omit<Schemas['Template'], 'parts'> & { parts: TemplatePart[] }

export type SpecialSession = Required<Schemas['SpecialSession']>
export type SpecialDay = Omit<Required<Schemas['SpecialDay']>, 'sessions'> & { sessions: SpecialSession[] }
export type SpecialCalendar = Omit<Schemas['SpecialCalendar'], 'days'> & { days: SpecialDay[] }
export type SpecialDayInForce = Schemas['SpecialDayList']['items'][number]
/** Read strictly by the scheduler, so that each part and day is whole. */
export interface Presets {
  policies: HoursPolicy[]
  special_days: (Omit<Schemas['Presets']['special_days'][number], 'days'> & { days: SpecialDay[] })[]
  templates: (Omit<Schemas['Presets']['templates'][number], 'parts'> & { parts: TemplatePart[] })[]
}
export type SessionRefusal = Schemas['SessionRefusalList']['items'][number]
export type Remedy = Schemas['Remedy']

export type Outcome = Schemas['Outcome']
export type Shortfall = Schemas['Shortfall']
export type Schedule = Schemas['Schedule']
export type ScheduledSession = Schedule['sessions'][number]
export type ScheduledAiring = Schemas['ScheduledAiring']
export type EditInput = Schemas['EditInput']
export type Conflict = Schemas['EditConflict']
export type EditsCheck = Schemas['EditsCheck']
export type EditResult = Schemas['EditResult']
export type EditsList = Schemas['EditList']
export type PlanPlace = Schemas['PlanPlace']
export type PlanChange = Schemas['PlanChange']
export type PlanChanges = Schemas['PlanChanges']
export type PlanDifference = Schemas['PlanDifference']
/** A request as a value: to be sent, or asked first what it would do to plans. */
export type PlanningChange = Schemas['PlanningChange']
export type PreviewRequest = { readonly change: PlanningChange } | { readonly station_ids: string[] }
export type PlanSummary = Schemas['PlanSummary']
export type PlanPreview = Schemas['PlanPreview']
export type StationPreview = Schemas['StationPreview']
export type WhyNot = Schemas['WhyNot']
export type Forecast = Schemas['Forecast']
export type ForecastItem = Forecast['items'][number]
export type ForecastStanding = ForecastItem['standing']

export type Standing = Schemas['Standing']
export type Board = Schemas['Board']
export type BoardRow = Board['rows'][number]
export type BoardCell = BoardRow['cells'][number]
export type MonthStanding = Schemas['MonthStanding']
export type Evidence = Schemas['Evidence']
export type EvidenceItem = Evidence['items'][number]
export type EvidenceAiring = Schemas['EvidenceAiring']

export type Obligation = Schemas['Obligation']
export type AuditRecord = Schemas['AuditList']['items'][number]

export interface List<T> {
  items: T[]
}
