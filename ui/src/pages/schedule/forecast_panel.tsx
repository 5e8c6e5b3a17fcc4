/** Will each duty be kept this month, how surely, and until when can someone still do something? */
import { useTranslation } from 'react-i18next'
import type { ForecastItem, ForecastStanding } from '@/api/types'
import { useForecast } from '@/app/queries'
import { Mark } from '@/components/mark'
import { Answer } from '@/components/page'
import { useBilingual } from '@/components/words'
import { percentOf } from '@/lib/percent'
import { showDate, showMonth } from '@/lib/time'
import type { Tone } from '@/lib/tones'
import { usePlanning } from './planning'
import { RemedyList } from './remedy_list'

const tones: Record<ForecastStanding, Tone> = {
  met: 'good',
  on_course: 'info',
  at_risk: 'warn',
  impossible: 'bad',
}

export function ForecastPanel({ month }: { readonly month: string }) {
  const { t } = useTranslation()
  const { station } = usePlanning()
  const forecast = useForecast(station.id, month)
  return (
    <section className="forecast" aria-label={t('forecast.title', { month: showMonth(month) })}>
      <h2>{t('forecast.title', { month: showMonth(month) })}</h2>
      <Answer query={forecast} rows={2}>
        {(data) =>
          data.items.length === 0 ? (
            <p className="quiet">{t('forecast.none')}</p>
          ) : (
            <ul className="forecast-list">
              {data.items.map((item) => (
                <ForecastEntry key={`${item.obligation_id}/${item.period.first}`} item={item} />
              ))}
            </ul>
          )
        }
      </Answer>
    </section>
  )
}

function ForecastEntry({ item }: { readonly item: ForecastItem }) {
  const { t } = useTranslation()
  const say = useBilingual()
  const urgent = item.standing === 'at_risk' || item.standing === 'impossible'
  return (
    <li className={`panel tone-${tones[item.standing]}`} data-standing={item.standing}>
      <p className="forecast-head">
        <Mark tone={tones[item.standing]}>{t(`forecast.standing.${item.standing}`)}</Mark>
        {item.act_by !== null && urgent && (
          <strong className="act-by">{t('forecast.act_by', { date: showDate(item.act_by) })}</strong>
        )}
      </p>
      <p>
        <strong>{say(item.title)}</strong>
        <br />
        <span className="quiet">
          {showDate(item.period.first)} – {showDate(item.period.last)}
        </span>
      </p>
      <p>
        {t('forecast.numbers', {
          completed: item.completed,
          required: item.required,
          planned: item.planned,
        })}
        {item.standing !== 'met' && (
          <> · {t('forecast.probability', { percent: percentOf(item.probability) })}</>
        )}
      </p>
      <p className="quiet">{say(item.reason)}</p>
      <RemedyList remedies={item.remedies} said={item.reason.vi} />
    </li>
  )
}
