import { Popover } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router-dom'
import type { ScheduledAiring, ScheduledSession } from '@/api/types'
import { Mark, toneIcon } from '@/components/mark'
import { useBilingual, useTopicNames } from '@/components/words'
import { useNarrow, useNow } from '@/lib/hooks'
import { showDuration, timeOf, timeWithSecondsOf } from '@/lib/time'
import { toneOfOutcome } from '@/lib/tones'
import { PriorityTag } from '@/pages/library/priority_tag'

interface SessionCardProps {
  readonly session: ScheduledSession
  readonly zone: string
}

export function SessionCard({ session, zone }: SessionCardProps) {
  const { t } = useTranslation()
  const now = useNow()
  const starts = new Date(session.starts_at)
  const ends = new Date(session.ends_at)
  const live = starts <= now && now < ends
  const capacity = ends.getTime() - starts.getTime()
  const used = session.items.reduce((sum, airing) => sum + airing.duration_ms, 0)
  const percent = capacity > 0 ? Math.min(100, Math.round((100 * used) / capacity)) : 0

  return (
    <article className={live ? 'session session-live' : 'session'} data-session={session.id}>
      <header>
        <strong className="session-time">
          {timeOf(session.starts_at, zone)}–{timeOf(session.ends_at, zone)}
        </strong>
        {live && <span className="on-air">{t('schedule.on_air')}</span>}
        <span className="session-title">{session.title}</span>
        <span className="session-fill" aria-hidden="true">
          <span style={{ width: `${percent}%` }} />
        </span>
        <small className="quiet">
          {t('schedule.filled', { used: showDuration(used), capacity: showDuration(capacity) })}
        </small>
      </header>
      {session.items.length === 0 ? (
        <p className="quiet session-empty">{t('schedule.empty_session')}</p>
      ) : (
        <ol className="airing-list">
          {session.items.map((airing) => (
            <AiringEntry key={airing.airing_id} airing={airing} zone={zone} now={now} />
          ))}
        </ol>
      )}
    </article>
  )
}

interface AiringEntryProps {
  readonly airing: ScheduledAiring
  readonly zone: string
  readonly now: Date
}

function AiringEntry({ airing, zone, now }: AiringEntryProps) {
  const { t } = useTranslation()
  const narrow = useNarrow()
  const ended = new Date(airing.starts_at).getTime() + airing.duration_ms < now.getTime()
  const word = airing.outcome ?? (ended ? 'awaiting' : 'planned')
  const tone = toneOfOutcome(airing.outcome)
  return (
    <li>
      <Popover
        trigger={['hover', 'focus', 'click']}
        placement={narrow ? 'bottom' : 'right'}
        mouseEnterDelay={0.15}
        content={<AiringDetails airing={airing} zone={zone} word={word} />}
      >
        <button
          type="button"
          className={`airing-button tone-${tone}`}
          data-item={airing.item_id}
          data-outcome={airing.outcome ?? ''}
          aria-label={t('schedule.airing_label', {
            time: timeOf(airing.starts_at, zone),
            title: airing.title,
            outcome: t(`outcome.${word}`),
          })}
        >
          <span className="airing-icon" aria-hidden="true">
            {toneIcon(airing.outcome === null && !ended ? 'info' : tone)}
          </span>
          <span className="airing-text">
            <span className="airing-time">
              {timeOf(airing.starts_at, zone)}
              <small>{showDuration(airing.duration_ms)}</small>
            </span>
            <span className="airing-title">{airing.title}</span>
          </span>
        </button>
      </Popover>
    </li>
  )
}

interface AiringDetailsProps {
  readonly airing: ScheduledAiring
  readonly zone: string
  readonly word: 'complete' | 'partial' | 'missed' | 'unknown' | 'awaiting' | 'planned'
}

function AiringDetails({ airing, zone, word }: AiringDetailsProps) {
  const { t } = useTranslation()
  const say = useBilingual()
  const topicName = useTopicNames()
  return (
    <div className="airing-details">
      <p>
        <strong>{airing.title}</strong>
      </p>
      <p className="airing-line">
        <Mark tone={airing.outcome === null ? 'info' : toneOfOutcome(airing.outcome)}>
          {t(`outcome.${word}`)}
        </Mark>
        <PriorityTag priority={airing.priority} />
      </p>
      <p>
        <span className="field-label">{t('schedule.why')}</span>
        {say(airing.reason)}
      </p>
      <p className="quiet">
        {t('schedule.starts', { time: timeWithSecondsOf(airing.starts_at, zone) })} ·{' '}
        {showDuration(airing.duration_ms)}
        {airing.topics.length > 0 && (
          <>
            <br />
            {airing.topics.map(topicName).join(' · ')}
          </>
        )}
      </p>
      <Link to={`/library/${airing.item_id}`}>{t('schedule.open_item')}</Link>
    </div>
  )
}
