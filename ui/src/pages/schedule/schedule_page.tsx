/** A station's week or month: sessions, what each plays and why, what fell short; and the hand that changes it. */
import {
  CalendarOutlined,
  DiffOutlined,
  LeftOutlined,
  PushpinOutlined,
  QuestionCircleOutlined,
  RightOutlined,
  SyncOutlined,
} from '@ant-design/icons'
import { Button, Segmented, Select } from 'antd'
import { lazy, Suspense, useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router-dom'
import { scheduleCalendarUrl } from '@/api/endpoints'
import type { Schedule, Station } from '@/api/types'
import { useDifference, useEdits, useRefusals, useSchedule, useStations } from '@/app/queries'
import { countOf } from '@/components/change_list'
import { Answer, Empty, Loading, Page, ProblemNotice } from '@/components/page'
import { useNarrow, useTouch } from '@/lib/hooks'
import { refusedSessions, type NamedRefusal } from '@/lib/refusals'
import { matches } from '@/lib/text'
import {
  addDays,
  addMonths,
  defaultZone,
  mondayOf,
  showDate,
  showDayMonth,
  showMonth,
  today,
  weekdays,
} from '@/lib/time'
import { DayStrip } from './day_strip'
import { drawerNames, type DrawerName } from './drawer_names'
import { ForecastPanel } from './forecast_panel'
import { MonthGrid } from './month_grid'
import { PlanningProvider, usePlanning } from './planning'
import { RefusedSession } from './refused_session'
import { Refusals } from './refusals'
import { SessionCard } from './session_card'
import { Shortfalls } from './shortfalls'
import { SpecialDayNotes } from './special_day_notes'
import '@/styles/schedule.css'

const EditDialog = lazy(() => import('./edit_dialog'))
const TakeBackDialog = lazy(() => import('./take_back_dialog'))
const PlanDrawer = lazy(() => import('./plan_drawers'))

const stationKey = 'loa.schedule.station'

export function Component() {
  const { t } = useTranslation()
  const byTouch = useTouch()
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

  const set = (values: Readonly<Record<string, string>>) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before)
        for (const [name, value] of Object.entries(values)) {
          if (value === '') after.delete(name)
          else after.set(name, value)
        }
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
      lead={t(byTouch ? 'schedule.lead_touch' : 'schedule.lead', { zone: station.time_zone })}
      actions={
        <Select
          className="station-select"
          showSearch
          aria-label={t('schedule.station')}
          value={station.id}
          onChange={(id) => set({ station: id })}
          options={sorted.map(({ id, name }) => ({ value: id, label: name }))}
          filterOption={(text, option) => matches(text, option?.label ?? '')}
        />
      }
    >
      <Plan
        station={station}
        day={day}
        view={search.get('view') === 'month' ? 'month' : 'week'}
        drawer={drawerNames.find((name) => name === search.get('show')) ?? null}
        onDrawer={(name) => set({ show: name ?? '' })}
        onDay={(next) => set({ day: next })}
        onView={(view, next) => set({ view, day: next })}
      />
    </Page>
  )
}

type View = 'week' | 'month'

interface PlanProps {
  readonly station: Station
  readonly day: string
  readonly view: View
  readonly drawer: DrawerName | null
  readonly onDrawer: (drawer: DrawerName | null) => void
  readonly onDay: (day: string) => void
  readonly onView: (view: View, day: string) => void
}

/** Monday of the month's first week, and how many weeks show all of it. */
function weeksOf(month: string): { first: string; weeks: number } {
  const first = mondayOf(`${month}-01`)
  const last = addDays(`${addMonths(month, 1)}-01`, -1)
  let weeks = 4
  while (addDays(first, weeks * 7) <= last) weeks += 1
  return { first, weeks }
}

function Plan({ station, day, view, drawer, onDrawer, onDay, onView }: PlanProps) {
  const { t } = useTranslation()
  const narrow = useNarrow()
  const month = day.slice(0, 7)
  const monday = mondayOf(day)
  const span = weeksOf(month)
  const [from, to] =
    view === 'week' ? [monday, addDays(monday, 6)] : [span.first, addDays(span.first, span.weeks * 7 - 1)]
  const schedule = useSchedule(station.id, from, to)
  const refusals = useRefusals(station.id, from, to)
  const refused = useMemo(() => refusedSessions(refusals.data ?? []), [refusals.data])
  const now = today(station.time_zone)
  const step = (by: number) => onDay(view === 'week' ? addDays(day, by * 7) : `${addMonths(month, by)}-01`)
  const isNow = view === 'week' ? mondayOf(now) === monday : now.slice(0, 7) === month

  return (
    <>
      <div className="week-switch">
        <Button
          icon={<LeftOutlined />}
          aria-label={view === 'week' ? t('schedule.week_before') : t('schedule.month_before')}
          onClick={() => step(-1)}
        />
        <h2 aria-live="polite">
          {view === 'week'
            ? t('schedule.week', { from: showDayMonth(from), until: showDate(to) })
            : t('schedule.month', { month: showMonth(month) })}
        </h2>
        <Button
          icon={<RightOutlined />}
          aria-label={view === 'week' ? t('schedule.week_after') : t('schedule.month_after')}
          onClick={() => step(1)}
        />
        {!isNow && (
          <Button type="link" onClick={() => onDay(now)}>
            {view === 'week' ? t('schedule.this_week') : t('schedule.this_month')}
          </Button>
        )}
        <Segmented<View>
          className="view-switch"
          aria-label={t('schedule.view')}
          value={view}
          onChange={(next) => onView(next, day)}
          options={[
            { value: 'week', label: t('schedule.view_week') },
            { value: 'month', label: t('schedule.view_month') },
          ]}
        />
      </div>
      <Answer query={schedule} rows={10}>
        {(data) => (
          <PlanningProvider station={station} revision={data.revision}>
            <Shortfalls shortfalls={data.shortfalls} />
            <Refusals from={from} to={to} />
            <SpecialDayNotes unit={station.unit_id} from={from} to={to} />
            <PlanTools onDrawer={onDrawer} />
            <ForecastPanel month={month} />
            {view === 'month' ? (
              data.sessions.length === 0 ? (
                <NoSessions station={station} />
              ) : (
                <MonthGrid
                  schedule={data}
                  month={month}
                  first={span.first}
                  weeks={span.weeks}
                  today={now}
                  onDay={(date) => onView('week', date)}
                />
              )
            ) : narrow ? (
              <>
                <DayStrip days={weekOf(monday)} day={day} today={now} schedule={data} onDay={onDay} />
                <Day schedule={data} refusals={refused} station={station} day={day} empty />
              </>
            ) : data.sessions.length === 0 ? (
              <NoSessions station={station} />
            ) : (
              <div className="week">
                {weekOf(monday).map(({ weekday, date }) => (
                  <section
                    key={date}
                    className={date === now ? 'week-day week-today' : 'week-day'}
                    aria-label={`${t(`weekday.${weekday}`)} ${showDate(date)}`}
                  >
                    <h3>
                      {t(`weekday.${weekday}`)}
                      <small>{showDayMonth(date)}</small>
                    </h3>
                    <Day schedule={data} refusals={refused} station={station} day={date} />
                  </section>
                ))}
              </div>
            )}
            <p className="calendar-link">
              <a href={scheduleCalendarUrl(station.id, from, to)} download>
                {t('schedule.calendar')}
              </a>
            </p>
            <Dialogs drawer={drawer} sessions={data.sessions} onClose={() => onDrawer(null)} />
          </PlanningProvider>
        )}
      </Answer>
    </>
  )
}

const weekOf = (monday: string) => weekdays.map((weekday) => ({ weekday, date: addDays(monday, weekday) }))

/** What differs from the bundle in force stands on the page; the rest is a tap away. */
function PlanTools({ onDrawer }: { readonly onDrawer: (drawer: DrawerName) => void }) {
  const { t } = useTranslation()
  const { station, mayEdit } = usePlanning()
  const difference = useDifference(station.id)
  const edits = useEdits(station.id)
  const changes = difference.data
  return (
    <div className="plan-tools">
      <Button icon={<DiffOutlined />} onClick={() => onDrawer('difference')}>
        {changes === undefined
          ? t('drawer.difference')
          : countOf(changes) === 0
            ? t('difference.none')
            : t('difference.summary', {
                added: changes.added.length,
                moved: changes.moved.length,
                removed: changes.removed.length,
              })}
      </Button>
      {mayEdit && (
        <Button icon={<SyncOutlined />} onClick={() => onDrawer('replan')}>
          {t('replan.button')}
        </Button>
      )}
      <Button icon={<PushpinOutlined />} onClick={() => onDrawer('edits')}>
        {t('edit.list', { count: edits.data?.items.length ?? 0 })}
      </Button>
      <Button icon={<QuestionCircleOutlined />} onClick={() => onDrawer('why_not')}>
        {t('drawer.why_not')}
      </Button>
    </div>
  )
}

interface DialogsProps {
  readonly drawer: DrawerName | null
  readonly sessions: Schedule['sessions']
  readonly onClose: () => void
}

function Dialogs({ drawer, sessions, onClose }: DialogsProps) {
  const { wish, takenBack } = usePlanning()
  return (
    <Suspense fallback={null}>
      {wish !== null && <EditDialog wish={wish} />}
      {drawer !== null && <PlanDrawer name={drawer} sessions={sessions} onClose={onClose} />}
      {takenBack !== null && <TakeBackDialog key={takenBack.id} edit={takenBack} />}
    </Suspense>
  )
}

interface DayProps {
  readonly schedule: Schedule
  readonly refusals: readonly NamedRefusal[]
  readonly station: Station
  readonly day: string
  readonly empty?: boolean
}

function Day({ schedule, refusals, station, day, empty }: DayProps) {
  const { t } = useTranslation()
  const sessions = schedule.sessions.filter((session) => session.local_date === day)
  const zone = schedule.time_zone || defaultZone
  const refused = refusals
    .filter(({ local_date }) => local_date === day)
    .map((refusal) => <RefusedSession key={refusal.session_id} refusal={refusal} zone={zone} />)
  if (sessions.length === 0 && refused.length > 0) return refused
  if (sessions.length === 0) {
    if (empty !== true) return <p className="week-none quiet">{t('schedule.no_session')}</p>
    return schedule.sessions.length === 0 ? (
      <NoSessions station={station} />
    ) : (
      <Empty icon={<CalendarOutlined />} title={t('schedule.no_session_day')} />
    )
  }
  return (
    <>
      {sessions.map((session) => (
        <SessionCard key={session.id} session={session} zone={zone} />
      ))}
      {refused}
    </>
  )
}

function NoSessions({ station }: { readonly station: Station }) {
  const { t } = useTranslation()
  return (
    <Empty
      icon={<CalendarOutlined />}
      title={t('schedule.empty')}
      hint={t('schedule.empty_hint')}
      action={
        <Link to={`/hours?station=${station.id}`}>
          <Button>{t('schedule.see_rules')}</Button>
        </Link>
      }
    />
  )
}
