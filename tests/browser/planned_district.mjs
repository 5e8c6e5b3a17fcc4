/**
 * A district with a scheduler and no agents, whose plan is worth looking at: items spoken and approved, sessions in the morning and the
 * evening, and one at noon that is too short for any of them.
 */
import path from 'node:path'
import { District, local, root, webApp } from '../../config/demo/district.mjs'
import { until } from '../../config/demo/processes.mjs'
import { speakAll } from '../../config/demo/speech.mjs'

const rules = [
  { title: 'Buổi sáng', time: '05:30', seconds: 75 },
  { title: 'Buổi trưa', time: '11:00', seconds: 2 },
  { title: 'Buổi chiều', time: '17:00', seconds: 90 },
]

/** In `folder`; `items` of the demo's texts are approved. Ends with stopAll() of config/demo/processes.mjs. */
export async function planDistrict(folder, items) {
  const district = await District.create(folder, { icecast: false, ui: webApp })
  await district.importOrganisation()
  await district.employ()
  const texts = await speakAll(path.join(root, 'config/demo/texts'), path.join(folder, 'speech'))
  const approved = []
  for (const text of texts.slice(0, items)) approved.push(await district.airItem(text))
  const { date } = local(new Date())
  for (const { title, time, seconds } of rules) {
    await district.addRule(district.stations[0], { title, rrule: 'FREQ=DAILY', date, time, seconds })
  }
  const station = district.stations[0]
  await until('the plan to hold every item', 60, async () => {
    const schedule = await district.admin.get(
      `/stations/${station.id}/schedule?from=${date}&to=${addDays(date, 14)}`,
    )
    const planned = new Set(
      schedule.sessions.flatMap((session) => session.items.map(({ item_id }) => item_id)),
    )
    return approved.every(({ id }) => planned.has(id))
  })
  return { district, station, items: approved }
}

export const addDays = (date, days) =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
