import { BulbOutlined } from '@ant-design/icons'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router-dom'
import { Button } from 'antd'
import type { Conflict, Remedy } from '@/api/types'
import { toneIcon } from '@/components/mark'
import { useBilingual } from '@/components/words'
import { remedyAction, remedyLink } from '@/lib/remedies'
import { usePlanning } from './planning'

interface ConflictListProps {
  readonly conflicts: readonly Conflict[]
  /** While something is dragged nothing can be clicked. */
  readonly links?: boolean
  /** The session that a resolution names, instead of the one that was chosen. */
  readonly onChoose?: (sessionId: string) => void
}

/** Each conflict, and below it what would resolve it, with the way there unless it is done on the spot. */
export function ConflictList({ conflicts, links = false, onChoose }: ConflictListProps) {
  const { t } = useTranslation()
  const say = useBilingual()
  return (
    <ul className="conflicts">
      {conflicts.map((conflict, index) => (
        <li
          key={`${conflict.code}/${index}`}
          className={conflict.hard ? 'tone-bad' : 'tone-warn'}
          data-conflict={conflict.code}
        >
          <span className="conflict-icon" aria-hidden="true">
            {toneIcon(conflict.hard ? 'bad' : 'warn')}
          </span>
          <div>
            <strong>
              <span className="visually-hidden">{conflict.hard ? t('edit.hard') : t('edit.soft')}: </span>
              {say(conflict)}
            </strong>
            {conflict.resolutions.length > 0 && (
              <ul className="resolutions" aria-label={t('edit.resolutions')}>
                {conflict.resolutions.map((resolution) => (
                  <li key={resolution.vi}>
                    <BulbOutlined aria-hidden="true" /> {say(resolution)}{' '}
                    {links && <Way resolution={resolution} {...(onChoose !== undefined && { onChoose })} />}
                  </li>
                ))}
              </ul>
            )}
          </div>
        </li>
      ))}
    </ul>
  )
}

interface WayProps {
  readonly resolution: Remedy
  readonly onChoose?: (sessionId: string) => void
}

/** To where a resolution is done; another session is chosen on the spot, and what stands against it told anew. */
function Way({ resolution, onChoose }: WayProps) {
  const { t } = useTranslation()
  const { station } = usePlanning()
  const { kind, session_id } = resolution
  if (kind === 'choose_session' && session_id !== null && onChoose !== undefined)
    return (
      <Button size="small" data-choose={session_id} onClick={() => onChoose(session_id)}>
        {t('remedy.go.put_there')}
      </Button>
    )
  return (
    <Link to={remedyLink(resolution, { station: station.id, unit: station.unit_id })}>
      {t(`remedy.go.${remedyAction(resolution)}`)}
    </Link>
  )
}
