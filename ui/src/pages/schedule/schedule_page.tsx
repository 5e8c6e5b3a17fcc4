/** A station's week: sessions, what each plays and why, what came of it, and what fell short. */
import { CalendarOutlined, LeftOutlined, RightOutlined } from '@ant-design/icons'
import { Button, Select } from 'antd'
import { useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router-dom'
import type { Schedule, Station } from '@/api/types'
import { useSchedule, useStations } from '@/app/queries'
import { Answer, Empty, Loading, Page, ProblemNotice } from '@/components/page'
import { useNarrow } from '@/lib/hooks'
import { matches } from '@/lib/text'
import { addDays, defaultZone, mondayOf, showDate, showDayMonth, today, weekdays } from '@/lib/time'
import { DayStrip } from './day_strip'
import { SessionCard } from './session_card'
import { Shortfalls } from './shortfalls'
import '@/styles/schedule.css'

const stationKey = 'loa.schedule.station'

export function Component() {
  const { t } = useTranslation()
  const stations = useStations()
  const sorted = useMemo(
    () => [...(stations.data ?? [])].sort((a, b) => a.name.localeCompare(b.name, 'vi')),
    [stations.data],
  )
  const [search, setSearch] = useSearchParams()
  const wanted = search.get('station') ?? localStorage.getItem(stationKey)
  const station = sorted.find((candidate) => candidate.id === wanted) ?? sorted[0]
  useEffect(() => {
    if (station !== undefined) localStorage.setItem(stationKey, station.id)
  }, [station])

  const set = (name: string, value: string) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before)
        after.set(name, value)
        return after
      },
      { replace: true, preventScrollReset: true },
    )

  if (stations.data === undefined) {
    return (
      <Page title={t('schedule.title')}>
        {stations.error === null ? <Loading /> : <ProblemNotice error={stations.error} />}
      </Page>
    )
  }
  if (station === undefined) {
    return (
      <Page title={t('schedule.title')}>
        <Empty
          icon={<CalendarOutlined />}
          title={t('schedule.no_stations')}
          hint={t('stations.empty_hint')}
        />
      </Page>
    )
  }
  const day = search.get('day') ?? today(station.time_zone)
  return (
    <Page
      title={t('schedule.title')}
      lead={t('schedule.lead', { zone: station.time_zone })}
      actions={
        <Select
          className="station-select"
          showSearch
          aria-label={t('schedule.station')}
          value={station.id}
          onChange={(id) => set('station', id)}
          options={sorted.map(({ id, name }) => ({ value: id, label: name }))}
          filterOption={(text, option) => matches(text, option?.label ?? '')}
        />
      }
    >
      <Week station={station} day={day} onDay={(next) => set('day', next)} />
    </Page>
  )
}

interface WeekProps {
  readonly station: Station
  readonly day: string
  readonly onDay: (day: string) => void
}

function Week({ station, day, onDay }: WeekProps) {
  const { t } = useTranslation()
  const narrow = useNarrow()
  const monday = mondayOf(day)
  const days = weekdays.map((weekday) => ({ weekday, date: addDays(monday, weekday) }))
  const schedule = useSchedule(station.id, monday, addDays(monday, 6))
  const now = today(station.time_zone)

  return (
    <>
      <div className="week-switch">
        <Button
          icon={<LeftOutlined />}
          aria-label={t('schedule.week_before')}
          onClick={() => onDay(addDays(day, -7))}
        />
        <h2 aria-live="polite">
          {t('schedule.week', { from: showDayMonth(monday), until: showDate(addDays(monday, 6)) })}
        </h2>
        <Button
          icon={<RightOutlined />}
          aria-label={t('schedule.week_after')}
          onClick={() => onDay(addDays(day, 7))}
        />
        {mondayOf(now) !== monday && (
          <Button type="link" onClick={() => onDay(now)}>
            {t('schedule.this_week')}
          </Button>
        )}
      </div>
      <Answer query={schedule} rows={10}>
        {(data) => (
          <>
            <Shortfalls shortfalls={data.shortfalls} />
            {narrow ? (
              <>
                <DayStrip days={days} day={day} today={now} schedule={data} onDay={onDay} />
                <Day schedule={data} station={station} day={day} empty />
              </>
            ) : data.sessions.length === 0 ? (
              <NoSessions station={station} />
            ) : (
              <div className="week">
                {days.map(({ weekday, date }) => (
                  <section
                    key={date}
                    className={date === now ? 'week-day week-today' : 'week-day'}
                    aria-label={`${t(`weekday.${weekday}`)} ${showDate(date)}`}
                  >
                    <h3>
                      {t(`weekday.${weekday}`)}
                      <small>{showDayMonth(date)}</small>
                    </h3>
                    <Day schedule={data} station={station} day={date} />
                  </section>
                ))}
              </div>
            )}
          </>
        )}
      </Answer>
    </>
  )
}

interface DayProps {
  readonly schedule: Schedule
  readonly station: Station
  readonly day: string
  readonly empty?: boolean
}

function Day({ schedule, station, day, empty }: DayProps) {
  const { t } = useTranslation()
  const sessions = schedule.sessions.filter((session) => session.local_date === day)
  if (sessions.length === 0) {
    if (empty !== true) return <p className="week-none quiet">{t('schedule.no_session')}</p>
    return schedule.sessions.length === 0 ? (
      <NoSessions station={station} />
    ) : (
      <Empty icon={<CalendarOutlined />} title={t('schedule.no_session_day')} />
    )
  }
  return sessions.map((session) => (
    <SessionCard key={session.id} session={session} zone={schedule.time_zone || defaultZone} />
  ))
}

function NoSessions({ station }: { readonly station: Station }) {
  const { t } = useTranslation()
  return (
    <Empty
      icon={<CalendarOutlined />}
      title={t('schedule.empty')}
      hint={t('schedule.empty_hint')}
      action={
        <Link to={`/stations?rules=${station.id}`}>
          <Button>{t('schedule.see_rules')}</Button>
        </Link>
      }
    />
  )
}
