/** MOCK. Edits by hand, their conflicts, the difference, the forecast and "why not?": just enough to look at the pages. */
import { instant } from './mock_data.mjs'
import { itemsFor, scheduleOf } from './mock_state.mjs'
import { addDays } from './mock_time.mjs'

const dateOf = (sessionId) => /\d{4}-\d\d-\d\d/.exec(sessionId)[0]
const sessionOf = (state, stationId, sessionId) => {
  const date = dateOf(sessionId)
  return scheduleOf(state, stationId, date, date).sessions.find(({ id }) => id === sessionId)
}
const itemOf = (state, id) => state.items.find((item) => item.id === id)
const lengthOf = (item) => item.versions.at(-1).duration_ms

export function conflictsOf(state, stationId, edits) {
  const conflicts = []
  for (const [index, edit] of edits.entries()) {
    if (edit.kind !== 'keep') continue
    const session = sessionOf(state, stationId, edit.session_id)
    const item = itemOf(state, edit.item_id)
    if (lengthOf(item) > session.capacity_ms) {
      conflicts.push({
        code: 'too-long',
        hard: true,
        edit: index,
        vi: `Tin/bài dài hơn cả buổi phát.`,
        en: 'The item is longer than the session.',
        resolutions: [{ vi: 'Chọn buổi dài hơn.', en: 'Choose a longer session.' }],
      })
    }
    if (session.items.some(({ item_id, edited }) => item_id === item.id && edited === null)) {
      conflicts.push({
        code: 'repeats',
        hard: false,
        edit: index,
        vi: 'Tin/bài này đã có trong buổi; sẽ được ghim ở đó.',
        en: 'The item is in this session already; it will be pinned there.',
        resolutions: [{ vi: 'Chọn buổi chưa có tin/bài này.', en: 'Choose a session without it.' }],
      })
    }
  }
  return conflicts
}

export function makeEdits(state, stationId, user, { edits, note = '' }) {
  const stored = state.edits.get(stationId)
  const made = edits.map((edit, index) => {
    const session = sessionOf(state, stationId, edit.session_id)
    return {
      id: `edit-${Date.now()}-${stored.length + index}`,
      session_id: edit.session_id,
      session_title: session.title,
      session_starts_at: session.starts_at,
      item_id: edit.item_id,
      title: itemOf(state, edit.item_id).title,
      kind: edit.kind,
      position: edit.position ?? null,
      note,
      made_by: user.id,
      made_by_name: user.full_name,
      made_at: instant(new Date()),
    }
  })
  const same = (a, b) => a.session_id === b.session_id && a.item_id === b.item_id
  state.edits.set(stationId, [...stored.filter((old) => !made.some((edit) => same(old, edit))), ...made])
  return made
}

export function differenceOf(state, stationId) {
  const station = state.stations.find(({ id }) => id === stationId)
  const place = (edit) => ({
    session_id: edit.session_id,
    session_title: edit.session_title,
    local_date: dateOf(edit.session_id),
    starts_at: edit.session_starts_at,
    duration_ms: lengthOf(itemOf(state, edit.item_id)),
  })
  const change = (edit, from, to) => ({
    item_id: edit.item_id,
    title: edit.title,
    reason: { vi: `Sửa tay của ${edit.made_by_name}.`, en: `Changed by hand by ${edit.made_by_name}.` },
    from: from && place(from),
    to: to && place(to),
  })
  const edits = state.edits.get(stationId)
  const kept = edits.filter(({ kind }) => kind === 'keep')
  const away = edits.filter(({ kind }) => kind === 'away')
  const partner = (edit, list) => list.find((other) => other.item_id === edit.item_id)
  return {
    bundle_version: station.bundle_version,
    revision: state.revisions.get(stationId),
    added: kept.filter((edit) => !partner(edit, away)).map((edit) => change(edit, null, edit)),
    moved: kept.flatMap((edit) => {
      const from = partner(edit, away)
      return from === undefined ? [] : [change(edit, from, edit)]
    }),
    removed: away.filter((edit) => !partner(edit, kept)).map((edit) => change(edit, edit, null)),
  }
}

export function forecastOf(state, stationId, month) {
  const { shortfalls } = scheduleOf(state, stationId, `${month}-01`, `${month}-01`)
  const duty = state.obligations[0]
  const short = shortfalls[0]
  const last = addDays(`${addDays(`${month}-28`, 4).slice(0, 7)}-01`, -1)
  return {
    month,
    items: [
      {
        obligation_id: duty.id,
        title: { vi: duty.title_vi, en: duty.title_en },
        period: { first: `${month}-01`, last },
        required: 2,
        completed: short?.completed ?? 1,
        planned: short?.planned ?? 1,
        standing: short === undefined ? 'on_course' : 'at_risk',
        probability: short === undefined ? 0.997 : 0.42,
        act_by: short === undefined ? null : addDays(last, -3),
        reason: short?.reason ?? {
          vi: 'Đủ tin/bài trong lịch, có lượt dự phòng.',
          en: 'Enough items are planned, with plays in reserve.',
        },
        remedies:
          short === undefined
            ? []
            : [
                {
                  vi: 'Duyệt thêm 1 tin/bài CCHC còn hiệu lực trong tháng.',
                  en: 'Approve 1 more reform item that is valid this month.',
                },
              ],
      },
    ],
  }
}

export function whyNotOf(state, stationId, itemId, from, to) {
  const station = state.stations.find(({ id }) => id === stationId)
  const item = itemOf(state, itemId)
  const { sessions } = scheduleOf(state, stationId, from, to)
  const scheduled = sessions.some(({ items }) => items.some(({ item_id }) => item_id === itemId))
  const allowed = itemsFor(state, station).includes(item)
  return {
    item_id: itemId,
    title: item.title,
    scheduled,
    reasons: scheduled
      ? []
      : [
          {
            code: allowed ? 'no-room' : 'not-here',
            vi: allowed ? 'Các buổi phát đã kín thời lượng.' : 'Tin/bài không có phạm vi ở đài này.',
            en: allowed ? 'No session has room for it.' : 'Its scope does not reach this station.',
            sessions: sessions.map(({ id }) => id),
          },
        ],
    remedies: scheduled ? [] : [{ vi: 'Thêm một khung giờ.', en: 'Open another session.' }],
  }
}
