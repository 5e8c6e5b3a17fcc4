import { BulbOutlined } from '@ant-design/icons'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router-dom'
import type { Conflict } from '@/api/types'
import { toneIcon } from '@/components/mark'
import { useBilingual } from '@/components/words'
import { remedyLink } from '@/lib/remedies'
import { usePlanning } from './planning'

interface ConflictListProps {
  readonly conflicts: readonly Conflict[]
  /** While something is dragged nothing can be clicked. */
  readonly links?: boolean
}

/** Each conflict, and below it what would resolve it, with the way there unless it is done on the spot. */
export function ConflictList({ conflicts, links = false }: ConflictListProps) {
  const { t } = useTranslation()
  const say = useBilingual()
  const { station } = usePlanning()
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
                    {links && resolution.kind !== 'choose_session' && (
                      <Link to={remedyLink(resolution, { station: station.id, unit: station.unit_id })}>
                        {t(`remedy.go.${resolution.kind}`)}
                      </Link>
                    )}
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
