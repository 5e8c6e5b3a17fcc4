/** When stations may sound (policies of their units) and when they do (session rules of each). */
import { ClockCircleOutlined, CopyOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Select } from 'antd'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router-dom'
import {
  dayNames,
  type HoursPolicy,
  type HoursWindow,
  type Policy,
  type Presets,
  type Station,
} from '@/api/types'
import { usePolicies, useStations, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { Mark } from '@/components/mark'
import { Answer, Empty, Page } from '@/components/page'
import { useUnitNames } from '@/components/words'
import { clockOf, policyOn } from '@/lib/policy'
import { lineage, mayFor } from '@/lib/roles'
import { matches } from '@/lib/text'
import { showDate, today } from '@/lib/time'
import { PolicyForm } from './policy_form'
import { PresetChoice, type Offer } from './preset_choice'
import { Relays } from './relays'
import { StationRules } from './station_rules'
import { SpecialDays } from './special_days'
import { Templates } from './templates'
import '@/styles/stations.css'
import '@/styles/hours.css'

export function Component() {
  const { t } = useTranslation()
  const stations = useStations()
  const [search, setSearch] = useSearchParams()
  const sorted = useMemo(
    () => [...(stations.data ?? [])].sort((a, b) => a.name.localeCompare(b.name, 'vi', { numeric: true })),
    [stations.data],
  )
  const station = sorted.find(({ id }) => id === search.get('station')) ?? sorted[0]
  return (
    <Page
      title={t('hours.title')}
      lead={t('hours.lead')}
      actions={
        station !== undefined && (
          <Select
            className="station-choice"
            showSearch
            aria-label={t('schedule.station')}
            value={station.id}
            onChange={(id) => setSearch({ station: id }, { replace: true })}
            options={sorted.map(({ id, name }) => ({ value: id, label: name }))}
            filterOption={(text, option) => matches(text, option?.label ?? '')}
          />
        )
      }
    >
      <Answer query={stations} rows={8}>
        {() =>
          station === undefined ? (
            <Empty
              icon={<ClockCircleOutlined />}
              title={t('stations.empty')}
              hint={t('organisation.empty_hint')}
            />
          ) : (
            <div className="hours-columns">
              <div className="hours-column">
                <section className="panel" aria-labelledby="rules-heading">
                  <h2 id="rules-heading">{t('hours.rules')}</h2>
                  <StationRules key={station.id} station={station} />
                </section>
                <Relays key={`relays-${station.id}`} station={station} />
                <Templates key={`templates-${station.id}`} station={station} />
                <SpecialDays key={`days-${station.id}`} station={station} />
              </div>
              <Policies key={station.unit_id} station={station} />
            </div>
          )
        }
      </Answer>
    </Page>
  )
}

const offersOf = ({ policies }: Presets): Offer<HoursPolicy>[] =>
  policies.map((policy) => ({ id: policy.id ?? policy.name, label: policy.name, draft: policy }))

function Policies({ station }: { readonly station: Station }) {
  const { t } = useTranslation()
  const user = useUser()
  const units = useUnits().data ?? []
  const policies = usePolicies(station.unit_id)
  const [base, setBase] = useState<HoursPolicy | 'empty' | null>(null)
  const mayChange = lineage(station.unit_id, units).some((unit) => mayFor(user, 'administer', unit, units))
  const now = today(station.time_zone)
  return (
    <section className="panel" aria-labelledby="policies-heading">
      <h2 id="policies-heading">{t('hours.policies')}</h2>
      <p className="quiet">{t('hours.policies_lead')}</p>
      <Answer query={policies}>
        {(data) => {
          const holding = policyOn(data, now)
          return data.length === 0 ? (
            <Empty title={t('hours.no_policy')} hint={t('hours.no_policy_hint')} />
          ) : (
            <ul className="policy-list">
              {data.map((entry) => (
                <PolicyEntry
                  key={`${entry.unit_id}/${entry.policy.id}`}
                  entry={entry}
                  state={
                    entry === holding
                      ? 'holds'
                      : entry.policy.valid_from > now
                        ? 'coming'
                        : entry.policy.valid_until !== null && entry.policy.valid_until < now
                          ? 'over'
                          : 'hidden'
                  }
                  {...(mayChange && { onCopy: () => setBase(entry.policy) })}
                />
              ))}
            </ul>
          )
        }}
      </Answer>
      {mayChange &&
        (base === null ? (
          <div className="laid-down-adding">
            <PresetChoice
              label={t('hours.from_preset')}
              offers={offersOf}
              onChoose={({ draft }) => setBase(draft)}
            />
            <Button icon={<PlusOutlined />} onClick={() => setBase('empty')}>
              {t('hours.add_policy')}
            </Button>
          </div>
        ) : (
          <PolicyForm
            key={base === 'empty' ? 'empty' : base.id}
            unit={station.unit_id}
            base={base === 'empty' ? null : base}
            onDone={() => setBase(null)}
          />
        ))}
    </section>
  )
}

interface PolicyEntryProps {
  readonly entry: Policy
  readonly state: 'holds' | 'coming' | 'over' | 'hidden'
  readonly onCopy?: () => void
}

function PolicyEntry({ entry: { unit_id, policy }, state, onCopy }: PolicyEntryProps) {
  const { t } = useTranslation()
  const unitName = useUnitNames()
  return (
    <li className={state === 'holds' ? 'policy policy-holds' : 'policy'}>
      <header>
        <h3>{policy.name}</h3>
        <Mark tone={state === 'holds' ? 'good' : state === 'coming' ? 'info' : 'idle'}>
          {t(`hours.state.${state}`)}
        </Mark>
      </header>
      <p className="quiet">
        {unitName(unit_id)}
        {' · '}
        {policy.valid_until === null
          ? t('common.from_day', { from: showDate(policy.valid_from) })
          : t('common.days', { from: showDate(policy.valid_from), until: showDate(policy.valid_until) })}
      </p>
      <WeekWindows week={policy.week} />
      <p>
        {policy.sessions_per_day === 0
          ? t('hours.any_sessions')
          : t('hours.sessions_a_day', { count: policy.sessions_per_day })}
        {' · '}
        {policy.session_seconds === 0
          ? t('hours.any_length')
          : t('hours.minutes_a_session', { minutes: policy.session_seconds / 60 })}
        {(policy.own_seconds ?? 0) > 0 && (
          <> · {t('hours.own_minutes', { minutes: (policy.own_seconds ?? 0) / 60 })}</>
        )}
      </p>
      {policy.exceptions.length > 0 && (
        <ul className="plain-list policy-exceptions">
          {policy.exceptions.map((exception) => (
            <li key={exception.date}>
              <strong>{showDate(exception.date)}</strong>: {showWindows(exception.windows, t('hours.silent'))}
              <br />
              <span className="quiet">{exception.decision}</span>
            </li>
          ))}
        </ul>
      )}
      {policy.decision !== '' && <p className="quiet policy-decision">{policy.decision}</p>}
      {onCopy !== undefined && (
        <Button
          icon={<CopyOutlined />}
          aria-label={t('hours.copy_name', { name: policy.name })}
          onClick={onCopy}
        >
          {t('hours.copy')}
        </Button>
      )}
    </li>
  )
}

const showWindows = (windows: readonly HoursWindow[], silent: string): string =>
  windows.length === 0
    ? silent
    : windows
        .map(({ from_minute, until_minute }) => `${clockOf(from_minute)}–${clockOf(until_minute)}`)
        .join(', ')

/** Seven bars of 24 hours: coloured where the loudspeakers may sound. */
function WeekWindows({ week }: { readonly week: HoursPolicy['week'] }) {
  const { t } = useTranslation()
  return (
    <ul className="week-windows">
      {dayNames.map((name, index) => (
        <li key={name}>
          <span>{t(`weekday_short.${index as 0}`)}</span>
          <span className="window-bar" aria-hidden="true">
            {week[name].map(({ from_minute, until_minute }) => (
              <span
                key={from_minute}
                style={{
                  left: `${from_minute / 14.4}%`,
                  width: `${(until_minute - from_minute) / 14.4}%`,
                }}
              />
            ))}
          </span>
          <span className="window-words">{showWindows(week[name], t('hours.silent'))}</span>
        </li>
      ))}
    </ul>
  )
}
