import { useTranslation } from 'react-i18next'
import type { PlayRules } from '@/api/types'
import { useItems, useStations } from '@/app/queries'
import { countRules } from '@/lib/play_rules'

/** The rules that bind, in words; nothing when none does. */
export function PlayRuleFacts({ rules }: { readonly rules: PlayRules }) {
  const { t } = useTranslation()
  const items = useItems('', '').data
  const stations = useStations().data
  if (countRules(rules) === 0) return null
  const titleOf = (id: string) => items?.find((item) => item.id === id)?.title ?? id
  const nameOf = (id: string) => stations?.find((station) => station.id === id)?.name ?? id
  return (
    <div>
      <dt>{t('play_rules.heading')}</dt>
      <dd>
        <ul className="plain-list">
          {rules.least_gap_minutes > 0 && (
            <li>{t('play_rules.says.gap', { hours: rules.least_gap_minutes / 60 })}</li>
          )}
          {rules.most_plays_a_day > 0 && (
            <li>{t('play_rules.says.a_day', { plays: rules.most_plays_a_day })}</li>
          )}
          {rules.most_plays !== null && (
            <li>
              {t('play_rules.says.a_period', {
                plays: rules.most_plays.plays,
                period: t(`play_rules.per.${rules.most_plays.period}`),
              })}
            </li>
          )}
          {rules.not_before !== null && (
            <li>{t('play_rules.says.not_before', { time: rules.not_before })}</li>
          )}
          {rules.series !== null && <li>{t('play_rules.says.series', { ...rules.series })}</li>}
          {rules.pair_with !== null && (
            <li>{t('play_rules.says.pair', { title: titleOf(rules.pair_with) })}</li>
          )}
          {rules.not_beside.map((id) => (
            <li key={id}>{t('play_rules.says.not_beside', { title: titleOf(id) })}</li>
          ))}
          {rules.forbidden_at.map((id) => (
            <li key={id}>{t('play_rules.says.forbidden', { station: nameOf(id) })}</li>
          ))}
          {rules.may_fade && <li>{t('play_rules.may_fade')}</li>}
        </ul>
      </dd>
    </div>
  )
}
