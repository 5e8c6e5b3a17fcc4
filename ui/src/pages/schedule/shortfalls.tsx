/** What the plan cannot fulfil, why, and where to do something about it: above everything else, because someone must act. */
import { Alert } from 'antd'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router-dom'
import type { Remedy, Shortfall } from '@/api/types'
import { useForecasts, useItems, useObligations, useTopics, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { useBilingual, useVietnamese } from '@/components/words'
import { itemsLink, newItemLink, remedyLink } from '@/lib/remedies'
import { lineage, mayAnywhere, mayFor } from '@/lib/roles'
import { showDate } from '@/lib/time'
import { usePlanning } from './planning'

interface ShortfallsProps {
  readonly shortfalls: readonly Shortfall[]
}

export function Shortfalls({ shortfalls }: ShortfallsProps) {
  const { t } = useTranslation()
  const { station } = usePlanning()
  // The forecast of the month in which a period begins tells what would help; a week may touch two months.
  const months = [...new Set(shortfalls.map(({ period }) => period.first.slice(0, 7)))]
  const forecasts = useForecasts(station.id, months)
  const say = useBilingual()
  const vietnamese = useVietnamese()
  const obligations = useObligations().data
  if (shortfalls.length === 0) return null
  const remediesOf = ({ obligation_id, period }: Shortfall): readonly Remedy[] =>
    forecasts.find((item) => item.obligation_id === obligation_id && item.period.first === period.first)
      ?.remedies ?? []
  const dutyOf = (id: string) => obligations?.find((candidate) => candidate.id === id)
  return (
    <Alert
      className="shortfalls"
      type="warning"
      showIcon
      message={t('schedule.shortfalls')}
      description={
        <ul>
          {shortfalls.map((shortfall) => {
            const duty = dutyOf(shortfall.obligation_id)
            return (
              <li key={`${shortfall.obligation_id}/${shortfall.period.first}`}>
                <strong>
                  {t('schedule.shortfall', {
                    count: shortfall.required - shortfall.completed - shortfall.planned,
                    required: shortfall.required,
                    first: showDate(shortfall.period.first),
                    last: showDate(shortfall.period.last),
                  })}
                </strong>
                <br />
                {say(shortfall.reason)}
                <br />
                <span className="quiet">
                  {duty === undefined ? shortfall.obligation_id : vietnamese ? duty.title_vi : duty.title_en}
                </span>
                <Remedies groups={duty?.topic_groups ?? []} remedies={remediesOf(shortfall)} />
              </li>
            )
          })}
        </ul>
      }
    />
  )
}

/** Done where rules, templates and policies are. */
const aboutHours: readonly Remedy['kind'][] = ['add_room', 'allow_session', 'lengthen_session']

interface RemediesProps {
  readonly groups: readonly string[]
  readonly remedies: readonly Remedy[]
}

/** Items that only wait for a word come first, then what the planner says would help, then new items and more room on the air. */
function Remedies({ groups, remedies }: RemediesProps) {
  const { t } = useTranslation()
  const user = useUser()
  const { station } = usePlanning()
  const units = useUnits().data
  const topics = useTopics().data
  const submitted = useItems('submitted', '').data
  const ready = useItems('ready', '').data
  const counted = useMemo(() => {
    const line = lineage(station.unit_id, units ?? [])
    const wanted = new Set((topics ?? []).filter(({ group }) => groups.includes(group)).map(({ id }) => id))
    return (items: typeof submitted) =>
      (items ?? []).filter(
        (item) =>
          line.includes(item.scope_unit_id) &&
          (groups.length === 0 || item.topics.some((topic) => wanted.has(topic))),
      ).length
  }, [station, units, topics, groups])
  const [waiting, unsent] = [counted(submitted), counted(ready)]
  const place = { station: station.id, unit: station.unit_id }
  const mayEdit = mayAnywhere(user, 'edit')
  const mayRule = mayFor(user, 'rules', station.unit_id, units ?? [])
  const wanted = remedies.find(({ kind }) => kind === 'approve_items')
  const other = remedies.filter(
    ({ kind }) => kind !== 'approve_items' && (mayRule || !aboutHours.includes(kind)),
  )
  const namesHours = other.some(({ kind }) => aboutHours.includes(kind))
  return (
    <span className="remedy-links">
      {waiting > 0 && (
        <Link to={itemsLink('submitted', groups)}>{t('remedy.approve', { count: waiting })}</Link>
      )}
      {unsent > 0 && <Link to={itemsLink('ready', groups)}>{t('remedy.submit', { count: unsent })}</Link>}
      {other.map((remedy) => (
        <Link key={`${remedy.kind}/${remedy.vi}`} to={remedyLink(remedy, place)} data-remedy={remedy.kind}>
          {t(`remedy.go.${remedy.kind}`)}
        </Link>
      ))}
      {mayEdit && (
        <Link to={newItemLink(wanted ?? { topic_groups: [...groups], from: null, until: null }, place)}>
          {t('remedy.upload')}
        </Link>
      )}
      {mayRule && !namesHours && <Link to={`/hours?station=${station.id}`}>{t('remedy.hours')}</Link>}
      {waiting === 0 && unsent === 0 && !mayEdit && <Link to="/library">{t('schedule.to_library')}</Link>}
    </span>
  )
}
