/** One function a route. Names follow openapi.yaml's operations; values are those of types.ts. */
import { get, patch, post, put, remove, request, tagOf, urlOf } from './http'
import type {
  Agent,
  AuditRecord,
  Board,
  EnrolmentCode,
  EditInput,
  EditResult,
  EditsCheck,
  EditsList,
  Evidence,
  Forecast,
  HoursPolicy,
  ImportReport,
  Item,
  ItemChange,
  ItemInput,
  List,
  MonthStanding,
  NewOrder,
  Obligation,
  Order,
  PlanDifference,
  Policy,
  PlanningChange,
  PlanPreview,
  PlanSummary,
  Presets,
  PreviewRequest,
  RoleGrant,
  Schedule,
  Session,
  RuleImportReport,
  SessionRefusal,
  SessionRule,
  SessionRuleInput,
  RelayFields,
  RelaySource,
  SessionTemplate,
  SpecialCalendar,
  SpecialDay,
  SpecialDayInForce,
  Station,
  StationInput,
  TemplatePart,
  Topic,
  Unit,
  UnitInput,
  User,
  WhyNot,
} from './types'

type Signal = AbortSignal | undefined
const id = encodeURIComponent
const calendarType = 'text/calendar'
const send = <T>({ method, path, body, calendar, if_match }: PlanningChange) =>
  request<T>(method, path, {
    ...(calendar === undefined ? { body } : { raw: { type: calendarType, text: calendar } }),
    ...(if_match !== undefined && { ifMatchTag: if_match }),
  })
/** What has been looked at before by previewPlan(). */
export const makeChange = (change: PlanningChange) => send<unknown>(change)
const listed = async <T>(answer: Promise<List<T>>): Promise<T[]> => (await answer).items

export const readSession = (signal: Signal) => get<Session>('/session', { signal, quietUnauthorized: true })
export const signIn = (username: string, password: string) =>
  post<Session>('/session', { username, password }, { quietUnauthorized: true })
export const signOut = () => remove('/session')
/** Ends every session of the person; the answer is the new one. */
export const changePassword = (current: string, next: string) =>
  post<Session>('/session/password', { current, new: next })

export const listUsers = (signal: Signal) => listed(get<List<User>>('/users', { signal }))
export interface UserDraft {
  username: string
  full_name: string
  password: string
  roles: RoleGrant[]
}
export const createUser = (draft: UserDraft) => post<User>('/users', draft)
export type UserChange = Partial<Omit<UserDraft, 'username'>> & { active?: boolean }
export const changeUser = (userId: string, change: UserChange) => patch<User>(`/users/${id(userId)}`, change)

export const listUnits = (signal: Signal) => listed(get<List<Unit>>('/units', { signal }))
export const createUnit = (draft: UnitInput) => post<Unit>('/units', draft)
export const unitChanged = (unitId: string, change: UnitInput): PlanningChange => ({
  method: 'PATCH',
  path: `/units/${id(unitId)}`,
  body: { ...change },
})
const csv = (text: string) => ({ raw: { type: 'text/csv', text } })
export const importUnits = (text: string) => post<ImportReport>('/import/units', undefined, csv(text))
export const importStations = (text: string) => post<ImportReport>('/import/stations', undefined, csv(text))
export const fileImported = (kind: 'units' | 'stations', text: string): PlanningChange => ({
  method: 'POST',
  path: `/import/${kind}`,
  csv: text,
})
export const listTopics = (signal: Signal) => listed(get<List<Topic>>('/topics', { signal }))

export const listOrders = (signal: Signal) => listed(get<List<Order>>('/orders', { signal }))
export const readOrder = (orderId: string, signal: Signal) => get<Order>(`/orders/${id(orderId)}`, { signal })
export const giveOrder = (order: NewOrder) => post<Order>('/orders', order)
export const cancelOrder = (orderId: string) => post<Order>(`/orders/${id(orderId)}/cancel`, {})

export const listStations = (signal: Signal) => listed(get<List<Station>>('/stations', { signal }))
export const createStation = (draft: StationInput) => post<Station>('/stations', draft)
export const stationChanged = (stationId: string, change: StationInput): PlanningChange => ({
  method: 'PATCH',
  path: `/stations/${id(stationId)}`,
  body: { ...change },
})
export const listPolicies = (unitId: string, signal: Signal) =>
  listed(get<List<Policy>>('/policies', { query: { unit: unitId }, signal }))
export const policyAdded = (unitId: string, policy: HoursPolicy): PlanningChange => ({
  method: 'POST',
  path: '/policies',
  body: { unit_id: unitId, policy },
})
export const createPolicy = (unitId: string, policy: HoursPolicy) => send<Policy>(policyAdded(unitId, policy))
export const listSessionRules = (stationId: string, signal: Signal) =>
  listed(get<List<SessionRule>>(`/stations/${id(stationId)}/session-rules`, { signal }))
export const ruleAdded = (stationId: string, rule: SessionRuleInput): PlanningChange => ({
  method: 'POST',
  path: `/stations/${id(stationId)}/session-rules`,
  body: { ...rule },
})
export const createSessionRule = (stationId: string, rule: SessionRuleInput) =>
  send<SessionRule>(ruleAdded(stationId, rule))
export const ruleRemoved = (ruleId: string): PlanningChange => ({
  method: 'DELETE',
  path: `/session-rules/${id(ruleId)}`,
})
export const deleteSessionRule = (ruleId: string) => send<undefined>(ruleRemoved(ruleId))
export const templateAssigned = (ruleId: string, templateId: string | null): PlanningChange => ({
  method: 'PATCH',
  path: `/session-rules/${id(ruleId)}`,
  body: { template_id: templateId },
})
export const listRelays = (unitId: string, signal: Signal) =>
  listed(get<List<RelaySource>>('/relays', { query: { unit: unitId }, signal }))
export const createRelay = (unitId: string, fields: RelayFields) =>
  post<RelaySource>('/relays', { unit_id: unitId, ...fields })
export const changeRelay = (relayId: string, revision: number, fields: RelayFields) =>
  put<RelaySource>(`/relays/${id(relayId)}`, fields, { ifMatch: revision })
export const deleteRelay = (relayId: string, revision: number) =>
  remove(`/relays/${id(relayId)}`, { ifMatch: revision })
export const approveRelay = (relayId: string, sha256: string) =>
  post<RelaySource>(`/relays/${id(relayId)}/approve`, { sha256 })
export const withdrawRelay = (relayId: string) => post<RelaySource>(`/relays/${id(relayId)}/withdraw`, {})
export const listTemplates = (unitId: string, signal: Signal) =>
  listed(get<List<SessionTemplate>>('/templates', { query: { unit: unitId }, signal }))
export const templateAdded = (unitId: string, name: string, parts: TemplatePart[]): PlanningChange => ({
  method: 'POST',
  path: '/templates',
  body: { unit_id: unitId, name, parts },
})
export const templateChanged = (
  { id: templateId, revision }: SessionTemplate,
  name: string,
  parts: TemplatePart[],
): PlanningChange => ({
  method: 'PUT',
  path: `/templates/${id(templateId)}`,
  if_match: tagOf(revision),
  body: { name, parts },
})
export const templateRemoved = ({ id: templateId, revision }: SessionTemplate): PlanningChange => ({
  method: 'DELETE',
  path: `/templates/${id(templateId)}`,
  if_match: tagOf(revision),
})
export const listPresets = (signal: Signal) => get<Presets>('/presets', { signal })
export const listRefusals = (stationId: string, from: string, to: string, signal: Signal) =>
  listed(get<List<SessionRefusal>>(`/stations/${id(stationId)}/refusals`, { query: { from, to }, signal }))
export const listSpecialDays = (unitId: string, from: string, to: string, signal: Signal) =>
  listed(get<List<SpecialDayInForce>>('/special-days', { query: { unit: unitId, from, to }, signal }))
export const listSpecialCalendars = (unitId: string, signal: Signal) =>
  listed(get<List<SpecialCalendar>>('/special-calendars', { query: { unit: unitId }, signal }))
export const specialCalendarAdded = (
  unitId: string,
  name: string,
  decision: string,
  days: SpecialDay[],
): PlanningChange => ({
  method: 'POST',
  path: '/special-calendars',
  body: { unit_id: unitId, name, decision, days },
})
export const specialCalendarChanged = (
  { id: calendarId, revision }: SpecialCalendar,
  name: string,
  decision: string,
  days: SpecialDay[],
): PlanningChange => ({
  method: 'PUT',
  path: `/special-calendars/${id(calendarId)}`,
  if_match: tagOf(revision),
  body: { name, decision, days },
})
export const specialCalendarRemoved = ({ id: calendarId, revision }: SpecialCalendar): PlanningChange => ({
  method: 'DELETE',
  path: `/special-calendars/${id(calendarId)}`,
  if_match: tagOf(revision),
})
/** For a calendar program, or to import elsewhere: a plain link. */
export const sessionRulesUrl = (stationId: string) => urlOf(`/stations/${id(stationId)}/session-rules.ics`)
/** Stores nothing: what would change if the file's events took the place of the station's rules. */
export const checkSessionRules = (stationId: string, calendar: string) =>
  post<RuleImportReport>(`/stations/${id(stationId)}/session-rules.ics`, undefined, {
    raw: { type: calendarType, text: calendar },
    query: { dry_run: 'true' },
  })
/** The revision is the rules' that the file was compared with: other rules by now are answered 412. */
export const rulesImported = (stationId: string, revision: string, calendar: string): PlanningChange => ({
  method: 'POST',
  path: `/stations/${id(stationId)}/session-rules.ics`,
  if_match: tagOf(revision),
  calendar,
})
export const importSessionRules = (stationId: string, revision: string, calendar: string) =>
  send<RuleImportReport>(rulesImported(stationId, revision, calendar))
export const listAgents = (signal: Signal) => listed(get<List<Agent>>('/agents', { signal }))
export const createEnrolmentCode = (name: string, stationIds: string[]) =>
  post<EnrolmentCode>('/agents/enrolment-codes', { name, station_ids: stationIds })

export const listItems = (status: string, text: string, signal: Signal) =>
  listed(get<List<Item>>('/items', { query: { status, q: text }, signal }))
export const readItem = (itemId: string, signal: Signal) => get<Item>(`/items/${id(itemId)}`, { signal })
export const createItem = (draft: ItemInput) => post<Item>('/items', draft)
export const itemEdited = ({ id: itemId, revision }: Item, change: ItemChange): PlanningChange => ({
  method: 'PATCH',
  path: `/items/${id(itemId)}`,
  if_match: tagOf(revision),
  body: { ...change },
})
export const changeItem = (item: Item, change: ItemChange) => send<Item>(itemEdited(item, change))
export const versionAdded = (itemId: string, uploadId: string): PlanningChange => ({
  method: 'POST',
  path: `/items/${id(itemId)}/versions`,
  body: { upload_id: uploadId },
})
export const addVersion = (itemId: string, uploadId: string) => send<Item>(versionAdded(itemId, uploadId))
export const submitItem = (itemId: string) => post<Item>(`/items/${id(itemId)}/submit`)
/** The hash is that of the audio the approver listened to: the scheduler refuses when the item has another one by now. */
export const itemApproved = (itemId: string, sha256: string): PlanningChange => ({
  method: 'POST',
  path: `/items/${id(itemId)}/approve`,
  body: { sha256 },
})
export const approveItem = (itemId: string, sha256: string) => send<Item>(itemApproved(itemId, sha256))
export const rejectItem = (itemId: string, reason: string) =>
  post<Item>(`/items/${id(itemId)}/reject`, { reason })
export const itemWithdrawn = (itemId: string, reason: string): PlanningChange => ({
  method: 'POST',
  path: `/items/${id(itemId)}/withdraw`,
  body: { reason },
})
export const withdrawItem = (itemId: string, reason: string) => send<Item>(itemWithdrawn(itemId, reason))

export const readSchedule = (stationId: string, from: string, to: string, signal: Signal) =>
  get<Schedule>(`/stations/${id(stationId)}/schedule`, { query: { from, to }, signal })

/** For a calendar program: a plain link, no request of ours. */
export const scheduleCalendarUrl = (stationId: string, from: string, to: string) =>
  urlOf(`/stations/${id(stationId)}/schedule.ics`, { from, to })
export const readDifference = (stationId: string, signal: Signal) =>
  get<PlanDifference>(`/stations/${id(stationId)}/plan/difference`, { signal })
/** Stores nothing: what plans would become. */
export const previewPlan = (asked: PreviewRequest, signal: Signal) =>
  post<PlanPreview>('/plan/preview', asked, { signal })
export const planNow = (month: string, stationId: string) =>
  post<PlanSummary>('/plan', { month, station_ids: [stationId] })
export const readWhyNot = (stationId: string, item: string, from: string, to: string, signal: Signal) =>
  get<WhyNot>(`/stations/${id(stationId)}/why-not`, { query: { item, from, to }, signal })
export const readForecast = (stationId: string, month: string, signal: Signal) =>
  get<Forecast>(`/stations/${id(stationId)}/forecast`, { query: { month }, signal })
/** Stores nothing: what would stand against these edits. */
export const checkEdits = (stationId: string, edits: readonly EditInput[], signal: Signal) =>
  post<EditsCheck>(`/stations/${id(stationId)}/edits/check`, { edits }, { signal })
/** The revision is the plan's that the person saw: another one by now is answered 412. */
export const makeEdits = (stationId: string, revision: number, edits: readonly EditInput[], note: string) =>
  post<EditResult>(`/stations/${id(stationId)}/edits`, { edits, note }, { ifMatch: revision })
export const listEdits = (stationId: string, signal: Signal) =>
  get<EditsList>(`/stations/${id(stationId)}/edits`, { signal })
export const editTakenBack = (stationId: string, revision: number, editId: string): PlanningChange => ({
  method: 'DELETE',
  path: `/stations/${id(stationId)}/edits/${id(editId)}`,
  if_match: tagOf(revision),
})

/** The board that ends with `month` and shows `months` of them. */
export const readBoard = (month: string, months: number, signal: Signal) =>
  get<Board>('/compliance', { query: { month, months }, signal })
export const readMonthStanding = (month: string, signal: Signal) =>
  get<MonthStanding>('/compliance', { query: { month }, signal })
export const readEvidence = (stationId: string, month: string, signal: Signal) =>
  get<Evidence>('/compliance/evidence', { query: { station: stationId, month }, signal })

export const listObligations = (signal: Signal) => listed(get<List<Obligation>>('/obligations', { signal }))
export const listAudit = (limit: number, signal: Signal) =>
  listed(get<List<AuditRecord>>('/audit', { query: { limit }, signal }))
