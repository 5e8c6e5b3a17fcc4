/** MOCK. What the mock server knows, and its very small idea of planning, airing and counting. */
import { addDays, localToday, monthsEndingWith, sessionTimes } from './mock_time.mjs'
import {
  instant,
  obligations,
  policies,
  seedItems,
  sha,
  stations,
  topics,
  units,
  users,
  agents,
} from './mock_data.mjs'

const quota = 2
/** After an item is approved the mock lets it "air" so soon. */
const airsAfterMilliseconds = 3000

export function createState() {
  const today = localToday()
  return {
    today,
    units: structuredClone(units),
    policies: structuredClone(policies),
    topics,
    obligations,
    stations: structuredClone(stations),
    agents: structuredClone(agents),
    users: structuredClone(users),
    items: seedItems(today),
    rules: new Map(
      stations.map((station) => [station.id, [rule(station.id, '05:30'), rule(station.id, '17:00')]]),
    ),
    audit: [],
    sessions: new Map(),
    /** station id -> edits by hand, and the revision of its plan */
    edits: new Map(stations.map((station) => [station.id, []])),
    revisions: new Map(stations.map((station) => [station.id, 1])),
    uploads: new Map(),
    media: new Map(),
    /** station id -> airings of this month */
    airings: new Map(stations.map((station) => [station.id, []])),
    sequence: 5000,
  }
}

function rule(stationId, time) {
  return {
    id: `rule-${stationId}-${time.replace(':', '')}`,
    station_id: stationId,
    title: time < '12:00' ? 'Buổi sáng' : 'Buổi chiều',
    rrule: 'FREQ=DAILY',
    start_date: '2026-01-01',
    start_time: time,
    duration_seconds: 900,
    valid_from: '2026-01-01',
    valid_until: null,
  }
}

export function note(state, user, action, subject, detail = {}) {
  state.audit.unshift({
    number: state.audit.length + 1,
    at: instant(new Date()),
    user: user?.full_name ?? '',
    action,
    subject,
    detail,
  })
}

const isReform = (item) => item.topics.some((topic) => topic.startsWith('cchc'))
const lineage = (state, unitId) => {
  const line = []
  for (let at = unitId; at !== null; at = state.units.find((unit) => unit.id === at)?.parent_id ?? null)
    line.push(at)
  return line
}
export const policiesFor = (state, unitId) =>
  lineage(state, unitId).flatMap((unit) => state.policies.filter((policy) => policy.unit_id === unit))
export const itemsFor = (state, station) =>
  state.items.filter(
    (item) => item.status === 'approved' && lineage(state, station.unit_id).includes(item.scope_unit_id),
  )

const morningParts = [
  { id: 'notices', kind: 'notices', segment: 0, most_ms: 180_000, accepts: ['other'] },
  { id: 'reform', kind: 'reform_column', segment: 0, most_ms: 600_000, accepts: [] },
]

/** Fills two sessions a day with what may air, the newest first, and then does as the edits say. */
export function scheduleOf(state, stationId, from, to) {
  const station = state.stations.find((candidate) => candidate.id === stationId)
  const able = [...itemsFor(state, station)].reverse()
  const frozenUntil = Date.now() + 2 * 3_600_000
  const sessions = []
  for (let date = from; date <= to; date = addDays(date, 1)) {
    for (const rule of state.rules.get(stationId)) {
      const { starts, ends } = sessionTimes(date, rule.start_time, rule.duration_seconds)
      const id = `session-${stationId}-${date}-${rule.start_time.replace(':', '')}`
      const edits = state.edits.get(stationId).filter((edit) => edit.session_id === id)
      const away = new Map(edits.filter(({ kind }) => kind === 'away').map((edit) => [edit.item_id, edit]))
      const kept = new Map(edits.filter(({ kind }) => kind === 'keep').map((edit) => [edit.item_id, edit]))
      const chosen = able.filter((item) => !away.has(item.id) && !kept.has(item.id))
      for (const edit of kept.values()) {
        const item = state.items.find((candidate) => candidate.id === edit.item_id)
        chosen.splice(edit.position ?? 0, 0, item)
      }
      const parts = rule.start_time < '12:00' ? morningParts : []
      const items = []
      let at = starts
      for (const item of chosen) {
        const airing = airingOf({ stationId, date, rule, item, at, ends, edit: kept.get(item.id) ?? null })
        if (at + airing.duration_ms > ends) break
        items.push({ ...airing, part: parts.length > 0 && isReform(item) ? 1 : 0 })
        at += airing.duration_ms
      }
      sessions.push({
        id,
        title: rule.title,
        starts_at: instant(new Date(starts)),
        ends_at: instant(new Date(ends)),
        local_date: date,
        capacity_ms: rule.duration_seconds * 1000,
        used_ms: at - starts,
        frozen: starts < frozenUntil,
        segments: [],
        parts,
        items,
        away: [...away.values()].map((edit) => ({
          edit_id: edit.id,
          item_id: edit.item_id,
          title: edit.title,
        })),
      })
    }
  }
  return {
    station_id: stationId,
    time_zone: station.time_zone,
    revision: state.revisions.get(stationId),
    frozen_until: instant(new Date(frozenUntil)),
    sessions,
    shortfalls: shortfallsOf(state, station),
  }
}

function airingOf({ stationId, date, rule, item, at, ends, edit }) {
  const { duration_ms, frames } = item.versions.at(-1)
  const reasons = [
    {
      vi: 'Được xếp trước để đủ chỉ tiêu 02 tin/bài CCHC của tháng; đài còn thiếu tin/bài này.',
      en: 'Placed first to fill the quota of 2 reform items this month.',
    },
    {
      vi: 'Còn thời lượng trong buổi phát sau khi đã xếp chỉ tiêu.',
      en: 'The session had time left.',
    },
    { vi: 'Được giữ ở đây theo sửa tay.', en: 'Kept here by hand.' },
  ]
  return {
    airing_id: `airing-${stationId}-${date}-${rule.start_time.replace(':', '')}-${item.id}`,
    item_id: item.id,
    title: item.title,
    starts_at: instant(new Date(at)),
    duration_ms,
    frames,
    topics: item.topics,
    priority: item.priority,
    reason: reasons[edit !== null ? 2 : isReform(item) ? 0 : 1],
    outcome: ends < Date.now() ? outcomeOf(stationId, date, item.id) : null,
    edited: edit === null ? null : 'keep',
    edit_id: edit?.id ?? null,
  }
}

function outcomeOf(stationId, date, index) {
  const roll = Number.parseInt(sha(`${stationId}${date}${index}`).slice(0, 4), 16) % 20
  return roll === 0 ? 'missed' : roll === 1 ? 'partial' : roll === 2 ? 'unknown' : 'complete'
}

function shortfallsOf(state, station) {
  const cell = cellOf(state, station, state.today.slice(0, 7))
  if (cell.completed + cell.planned >= cell.required) return []
  return [
    {
      obligation_id: 'cchc-loudspeaker-monthly',
      period: { first: `${cell.month}-01`, last: addDays(`${nextMonth(cell.month)}-01`, -1) },
      required: cell.required,
      completed: cell.completed,
      planned: cell.planned,
      reason: {
        vi: `Chỉ có ${cell.completed + cell.planned} tin/bài CCHC đã duyệt được phép phát ở đài này trong tháng. Cần duyệt thêm tin/bài.`,
        en: 'Too few approved reform items may air at this station this month.',
      },
    },
  ]
}

const nextMonth = (month) => addDays(`${month}-28`, 4).slice(0, 7)

function cellOf(state, station, month) {
  const now = state.today.slice(0, 7)
  const roll = Number.parseInt(sha(`${station.id}${month}`).slice(0, 4), 16) % 11
  if (station.agent_id === null) {
    return { month, required: quota, completed: 0, planned: 0, standing: month < now ? 'failed' : 'at_risk' }
  }
  if (month < now) {
    const completed = roll === 0 ? 1 : quota + (roll % 3)
    return {
      month,
      required: quota,
      completed,
      planned: 0,
      standing: completed >= quota ? 'green' : 'failed',
    }
  }
  if (month > now) return { month, required: quota, completed: 0, planned: 0, standing: 'at_risk' }
  const counted = new Set(
    state.airings
      .get(station.id)
      .filter((airing) => airing.counts)
      .map((airing) => airing.item_id),
  )
  const planned = itemsFor(state, station).filter((item) => isReform(item) && !counted.has(item.id)).length
  return {
    month,
    required: quota,
    completed: counted.size,
    planned,
    standing: counted.size >= quota ? 'green' : 'at_risk',
  }
}

export function boardOf(state, month, count) {
  const months = monthsEndingWith(month, count)
  return {
    months,
    obligation: state.obligations[0],
    rows: state.stations.map((station) => ({
      station_id: station.id,
      station_name: station.name,
      unit_name: state.units.find((unit) => unit.id === lineage(state, station.unit_id)[1]).name,
      cells: months.map((each) => cellOf(state, station, each)),
    })),
  }
}

export function monthOf(state, month) {
  return {
    month,
    obligation: state.obligations[0],
    rows: state.stations.map((station) => {
      const airings = state.airings.get(station.id).filter((airing) => airing.outcome === 'complete')
      return {
        station_id: station.id,
        station_name: station.name,
        unit_name: station.unit_name,
        ...cellOf(state, station, month),
        airings: airings.length,
        duration_ms: airings.reduce((sum, airing) => sum + airing.frames / 48, 0),
      }
    }),
  }
}

export function evidenceOf(state, stationId, month) {
  const station = state.stations.find((candidate) => candidate.id === stationId)
  const lines = month === state.today.slice(0, 7) ? state.airings.get(stationId) : []
  const { required, completed } = cellOf(state, station, month)
  const ids = [...new Set(lines.map((line) => line.item_id))]
  return {
    station_id: stationId,
    month,
    required,
    completed,
    items: ids.map((itemId) => {
      const item = state.items.find((candidate) => candidate.id === itemId)
      return {
        item_id: itemId,
        title: item.title,
        topics: item.topics,
        approved_by_name: item.approval?.approved_by_name ?? '',
        airings: lines.filter((line) => line.item_id === itemId).map(({ item_id: _item, ...line }) => line),
      }
    }),
  }
}

function air(state, station, item, planned, outcome, output, reason = '') {
  const { frames } = item.versions.at(-1)
  const lines = state.airings.get(station.id)
  const delivered = outcome === 'complete' ? frames : outcome === 'partial' ? Math.floor(frames * 0.4) : 0
  const counts =
    outcome === 'complete' && isReform(item) && !lines.some((line) => line.item_id === item.id && line.counts)
  state.sequence += 1
  lines.push({
    item_id: item.id,
    agent_id: station.agent_id,
    sequence: state.sequence,
    output,
    planned_start: instant(planned),
    started_at: delivered === 0 ? null : instant(planned),
    ended_at: delivered === 0 ? null : instant(new Date(planned.getTime() + delivered / 48)),
    frames_planned: frames,
    frames: delivered,
    outcome,
    reason,
    hash: sha(`${station.id}${state.sequence}`),
    counts,
    why: counts
      ? { vi: 'Lượt phát trọn vẹn đầu tiên của tin/bài trong tháng.', en: 'First whole airing of the item.' }
      : outcome === 'complete'
        ? { vi: 'Tin/bài này đã được tính trong tháng.', en: 'The item has been counted this month.' }
        : { vi: 'Tin/bài chưa phát đến hết.', en: 'The item did not sound to its end.' },
  })
}

/** What has sounded this month before anyone looks: most stations are full, some are on their way, one has a bad day. */
export function seedAirings(state) {
  const reform = state.items.filter((item) => item.status === 'approved' && isReform(item))
  for (const [index, station] of state.stations.entries()) {
    if (station.agent_id === null || index >= 10) continue
    const morning = (day) => new Date(sessionTimes(`${state.today.slice(0, 7)}-0${day}`, '05:30', 900).starts)
    air(state, station, reform[0], morning(2), 'complete', 'relay')
    air(state, station, reform[0], morning(2), 'complete', 'icecast')
    if (index === 5) {
      air(state, station, reform[1], morning(3), 'partial', 'relay', 'output-down')
      air(state, station, reform[1], morning(4), 'missed', 'relay', 'late-start')
    } else if (index !== 3) air(state, station, reform[1], morning(3), 'complete', 'relay')
  }
}

/** Every station that may will "air" it a moment later. */
export function airSoon(state, item) {
  setTimeout(() => {
    if (item.status !== 'approved') return
    for (const station of state.stations) {
      if (station.agent_id !== null && itemsFor(state, station).includes(item)) {
        air(state, station, item, new Date(), 'complete', 'relay')
      }
    }
  }, airsAfterMilliseconds)
}
