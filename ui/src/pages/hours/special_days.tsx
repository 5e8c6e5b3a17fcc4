/** Days on which the session rules do not hold: calendars of the station's unit and those above. */
import { useTranslation } from 'react-i18next'
import { specialCalendarRemoved } from '@/api/endpoints'
import type { Presets, SpecialCalendar, Station } from '@/api/types'
import { useSpecialCalendars } from '@/app/queries'
import { showDate, today } from '@/lib/time'
import { LaidDown } from './laid_down'
import type { Offer } from './preset_choice'
import { SpecialDayForm, type CalendarDraft } from './special_day_form'

/** Each year from this one on, of which the preset knows days: one is taken at a time, since each year's days are announced anew. */
export function offersOf({ special_days }: Presets, date: string): Offer<CalendarDraft>[] {
  return special_days.flatMap(({ id, name, decision, days }) =>
    [...new Set(days.map((day) => day.date.slice(0, 4)))]
      .filter((year) => year >= date.slice(0, 4))
      .map((year) => ({
        id: `${id}/${year}`,
        label: `${name} ${year}`,
        draft: {
          name: `${name} ${year}`,
          decision,
          days: days.filter((day) => day.date.startsWith(`${year}-`) && day.date >= date),
        },
      }))
      .filter(({ draft }) => draft.days.length > 0),
  )
}

export function SpecialDays({ station }: { readonly station: Station }) {
  const { t } = useTranslation()
  const now = today(station.time_zone)
  return (
    <LaidDown<SpecialCalendar, CalendarDraft>
      kind="special"
      station={station}
      query={useSpecialCalendars(station.unit_id)}
      offers={(presets) => offersOf(presets, now)}
      removed={specialCalendarRemoved}
      body={({ days, decision }) => (
        <>
          <ul className="plain-list">
            {days.map((day) => (
              <li key={day.date} data-day={day.date}>
                <strong>{showDate(day.date)}</strong> {day.name} –{' '}
                {day.kind === 'sessions'
                  ? day.sessions
                      .map(({ title, start_time }) => `${start_time.slice(0, 5)} ${title}`)
                      .join(', ')
                  : t(`special.kinds.${day.kind}`)}
              </li>
            ))}
          </ul>
          {decision !== '' && <p className="quiet policy-decision">{decision}</p>}
        </>
      )}
      form={(base, draft, onDone) => (
        <SpecialDayForm station={station} base={base} draft={draft} onDone={onDone} />
      )}
    />
  )
}
