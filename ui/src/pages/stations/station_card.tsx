import { CalendarOutlined, ClockCircleOutlined, ControlOutlined, KeyOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router-dom'
import type { Agent, ClockState, Station } from '@/api/types'
import { Ago } from '@/components/ago'
import { Mark } from '@/components/mark'
import { useUnitNames } from '@/components/words'
import { dateTimeOf } from '@/lib/time'
import { livenessOf, toneOfLiveness, type Tone } from '@/lib/tones'
import { Condition } from './condition'

const clockTones: Record<ClockState, Tone> = {
  synchronised: 'good',
  assumed: 'warn',
  held: 'warn',
  untrusted: 'bad',
}

interface StationCardProps {
  readonly station: Station
  readonly agent: Agent | undefined
  readonly now: Date
  readonly onRules: () => void
  readonly onEnrol?: () => void
  readonly onControl?: () => void
}

export function StationCard({ station, agent, now, onRules, onEnrol, onControl }: StationCardProps) {
  const { t } = useTranslation()
  const unitName = useUnitNames()
  const liveness = livenessOf(station.last_seen_at, now)
  const condition = agent?.conditions.find(({ station_id }) => station_id === station.id)
  return (
    <li className={`panel station tone-edge tone-${toneOfLiveness(liveness)}`} data-station={station.id}>
      <header>
        <div>
          <h2>{station.name}</h2>
          <span className="quiet">
            {unitName(station.unit_id)} · {station.code}
          </span>
        </div>
        <Mark tone={toneOfLiveness(liveness)}>{t(`liveness.${liveness}`)}</Mark>
      </header>
      <dl className="station-facts">
        <div>
          <dt>{t('stations.last_seen')}</dt>
          <dd>
            {station.last_seen_at === null ? (
              t('stations.never')
            ) : (
              <Ago instant={station.last_seen_at} zone={station.time_zone} />
            )}
          </dd>
        </div>
        <div>
          <dt>{t('stations.bundle')}</dt>
          <dd>
            <BundleState station={station} />
          </dd>
        </div>
        <div>
          <dt>{t('stations.next_session')}</dt>
          <dd>
            {station.next_session_at === null ? (
              <span className="quiet">{t('stations.no_session')}</span>
            ) : (
              <>
                <strong>{dateTimeOf(station.next_session_at, station.time_zone)}</strong>
                <br />
                <span className="quiet">
                  <Ago instant={station.next_session_at} zone={station.time_zone} />
                </span>
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>{t('stations.clock')}</dt>
          <dd>
            {station.clock_state === null ? (
              <span className="quiet">{t('stations.unknown')}</span>
            ) : (
              <Mark tone={clockTones[station.clock_state]}>{t(`clock.${station.clock_state}`)}</Mark>
            )}
          </dd>
        </div>
        <div>
          <dt>{t('stations.clusters')}</dt>
          <dd>
            {station.clusters.length === 0
              ? t('stations.no_clusters')
              : t('stations.cluster_count', {
                  clusters: station.clusters.length,
                  speakers: station.clusters.reduce((sum, cluster) => sum + cluster.speakers, 0),
                })}
          </dd>
        </div>
        {condition !== undefined && (
          <div className="wide-fact">
            <dt>{t('condition.title')}</dt>
            <dd>
              <Condition condition={condition} />
            </dd>
          </div>
        )}
        <div className="wide-fact">
          <dt>{t('stations.log')}</dt>
          <dd>
            {agent === undefined ? (
              <span className="quiet">{t('stations.unknown')}</span>
            ) : (
              <LogState agent={agent} />
            )}
          </dd>
        </div>
      </dl>
      <footer>
        <Link to={`/schedule?station=${station.id}`}>
          <Button icon={<CalendarOutlined />}>{t('stations.schedule')}</Button>
        </Link>
        <Button icon={<ClockCircleOutlined />} onClick={onRules}>
          {t('stations.rules')}
        </Button>
        {station.agent_id !== null && onControl !== undefined && (
          <Button icon={<ControlOutlined />} onClick={onControl}>
            {t('stations.control')}
          </Button>
        )}
        {station.agent_id === null && onEnrol !== undefined && (
          <Button type="primary" ghost icon={<KeyOutlined />} onClick={onEnrol}>
            {t('stations.enrol_this')}
          </Button>
        )}
      </footer>
    </li>
  )
}

function BundleState({ station }: { readonly station: Station }) {
  const { t } = useTranslation()
  const { bundle_version: newest, bundle_version_on_agent: held } = station
  if (newest === null) return <span className="quiet">{t('stations.no_bundle')}</span>
  if (station.agent_id === null)
    return <span className="quiet">{t('stations.bundle_waits', { newest })}</span>
  if (held === null) return <Mark tone="warn">{t('stations.bundle_missing', { newest })}</Mark>
  if (held < newest) return <Mark tone="warn">{t('stations.bundle_behind', { held, newest })}</Mark>
  return <Mark tone="good">{t('stations.bundle_current', { held })}</Mark>
}

/** Backlog is only waiting; a gap or a fork is something an inspector will ask about. */
function LogState({ agent }: { readonly agent: Agent }) {
  const { t } = useTranslation()
  const brokenLinks = agent.broken_links ?? []
  const whole = agent.gaps.length === 0 && agent.forks.length === 0 && brokenLinks.length === 0
  return (
    <span className="log-state">
      {agent.gaps.length > 0 && (
        <Mark tone="bad">
          {t('stations.gaps', {
            ranges: agent.gaps
              .map((gap) => (gap.from === gap.to ? gap.from : `${gap.from}–${gap.to}`))
              .join(', '),
          })}
        </Mark>
      )}
      {agent.forks.length > 0 && (
        <Mark tone="bad">
          {t('stations.forks', { sequences: agent.forks.map((fork) => fork.sequence).join(', ') })}
        </Mark>
      )}
      {brokenLinks.length > 0 && (
        <Mark tone="bad">{t('stations.broken_links', { sequences: brokenLinks.join(', ') })}</Mark>
      )}
      {agent.journal_backlog > 0 && (
        <Mark tone="warn">{t('stations.backlog', { count: agent.journal_backlog })}</Mark>
      )}
      {whole && agent.journal_backlog === 0 && <Mark tone="good">{t('stations.log_whole')}</Mark>}
      <small className="quiet">
        {t('stations.last_entry', { sequence: agent.last_sequence })} · {agent.name} · {agent.software}
      </small>
    </span>
  )
}
