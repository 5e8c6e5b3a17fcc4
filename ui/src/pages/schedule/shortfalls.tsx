/** What the plan cannot fulfil, why, and where to do something about it: above everything else, because someone must act. */
import { Alert } from 'antd'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router-dom'
import type { Shortfall } from '@/api/types'
import { useItems, useObligations, useTopics, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { useBilingual, useVietnamese } from '@/components/words'
import { lineage, mayAnywhere, mayFor } from '@/lib/roles'
import { showDate } from '@/lib/time'
import { usePlanning } from './planning'

export function Shortfalls({ shortfalls }: { readonly shortfalls: readonly Shortfall[] }) {
  const { t } = useTranslation()
  const say = useBilingual()
  const vietnamese = useVietnamese()
  const obligations = useObligations().data
  if (shortfalls.length === 0) return null
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
                <Remedies groups={duty?.topic_groups ?? []} />
              </li>
            )
          })}
        </ul>
      }
    />
  )
}

/** Items that only wait for a word come first, then new ones, then more room on the air. */
export function Remedies({ groups }: { readonly groups: readonly string[] }) {
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
  return (
    <span className="remedy-links">
      {waiting > 0 && <Link to="/library?status=submitted">{t('remedy.approve', { count: waiting })}</Link>}
      {unsent > 0 && <Link to="/library?status=ready">{t('remedy.submit', { count: unsent })}</Link>}
      {mayAnywhere(user, 'edit') && <Link to="/library/new">{t('remedy.upload')}</Link>}
      {mayFor(user, 'rules', station.unit_id, units ?? []) && (
        <Link to={`/hours?station=${station.id}`}>{t('remedy.hours')}</Link>
      )}
      {waiting === 0 && unsent === 0 && <Link to="/library">{t('schedule.to_library')}</Link>}
    </span>
  )
}
