/** The duties of the plan: who owes what, how many, by when, reported to whom; first those that airings prove. */
import { SoundOutlined } from '@ant-design/icons'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router-dom'
import type { Obligation } from '@/api/types'
import { useObligations } from '@/app/queries'
import { Mark } from '@/components/mark'
import { Answer, Empty, Page } from '@/components/page'
import { useUnitNames, useVietnamese } from '@/components/words'
import { showDate, today } from '@/lib/time'
import '@/styles/obligations.css'

export function Component() {
  const { t } = useTranslation()
  const obligations = useObligations()
  return (
    <Page title={t('obligations.title')} lead={t('obligations.lead')}>
      <Answer query={obligations} rows={10}>
        {(data) =>
          data.length === 0 ? (
            <Empty title={t('obligations.empty')} hint={t('obligations.empty_hint')} />
          ) : (
            plansOf(data).map(([plan, duties]) => (
              <section key={plan} className="plan">
                {duties.every(isOver) ? (
                  <details>
                    <summary>
                      <h2>{plan}</h2>
                      <Mark tone="idle">{t('obligations.all_over', { count: duties.length })}</Mark>
                    </summary>
                    <Duties duties={duties} />
                  </details>
                ) : (
                  <>
                    <h2>{plan}</h2>
                    <Duties duties={duties} />
                  </>
                )}
              </section>
            ))
          )
        }
      </Answer>
    </Page>
  )
}

/** Plans by their newest duty, the newest first; within a plan by the appendix's row. */
function plansOf(duties: readonly Obligation[]): [plan: string, duties: Obligation[]][] {
  const plans = new Map<string, Obligation[]>()
  for (const duty of duties) plans.set(duty.plan, [...(plans.get(duty.plan) ?? []), duty])
  const newest = (list: readonly Obligation[]) =>
    list.reduce((latest, duty) => (duty.valid_from > latest ? duty.valid_from : latest), '')
  return [...plans.entries()]
    .map(([plan, list]): [string, Obligation[]] => [plan, [...list].sort((a, b) => a.row - b.row)])
    .sort(([, a], [, b]) => newest(b).localeCompare(newest(a)))
}

const isOver = ({ valid_until }: Obligation): boolean => valid_until !== null && valid_until < today()

function Duties({ duties }: { readonly duties: readonly Obligation[] }) {
  return (
    <ol className="duties">
      {duties.map((duty) => (
        <Duty key={duty.id} duty={duty} />
      ))}
    </ol>
  )
}

function Duty({ duty }: { readonly duty: Obligation }) {
  const { t } = useTranslation()
  const vietnamese = useVietnamese()
  const unitName = useUnitNames()
  const over = isOver(duty)
  const coming = duty.valid_from > today()
  const byAirings = duty.evidence === 'airings'
  return (
    <li className={byAirings ? 'panel duty duty-airings' : 'panel duty'}>
      <span className="duty-number" aria-hidden="true">
        {duty.row === 0 ? <SoundOutlined /> : duty.row}
      </span>
      <div className="duty-body">
        <h3>{vietnamese ? duty.title_vi : duty.title_en}</h3>
        <p className="duty-marks">
          {byAirings ? (
            <Mark tone="info" icon={<SoundOutlined />}>
              {t('obligations.by_airings')}
            </Mark>
          ) : (
            <Mark tone="idle">{t('obligations.listed')}</Mark>
          )}
          {over && <Mark tone="idle">{t('obligations.over')}</Mark>}
          {coming && <Mark tone="info">{t('obligations.coming')}</Mark>}
        </p>
        <dl className="duty-facts">
          <div>
            <dt>{t('obligations.how_many')}</dt>
            <dd>
              <strong>{duty.required}</strong> {t(`obligations.per.${duty.period}`)}
            </dd>
          </div>
          {duty.due !== null && (
            <div>
              <dt>{t('obligations.due')}</dt>
              <dd>{showDate(duty.due)}</dd>
            </div>
          )}
          <div>
            <dt>{t('obligations.holder')}</dt>
            <dd>{duty.duty_holder_vi}</dd>
          </div>
          <div>
            <dt>{t('obligations.reported_to')}</dt>
            <dd>{duty.reported_to_vi}</dd>
          </div>
          <div>
            <dt>{t('obligations.unit')}</dt>
            <dd>{unitName(duty.unit_id)}</dd>
          </div>
          <div>
            <dt>{t('obligations.holds')}</dt>
            <dd>
              {duty.valid_until === null
                ? t('common.from_day', { from: showDate(duty.valid_from) })
                : t('common.days', { from: showDate(duty.valid_from), until: showDate(duty.valid_until) })}
            </dd>
          </div>
        </dl>
        {byAirings && !over && <Link to="/board">{t('obligations.see_board')}</Link>}
      </div>
    </li>
  )
}
