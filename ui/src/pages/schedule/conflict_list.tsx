import { BulbOutlined } from '@ant-design/icons'
import { useTranslation } from 'react-i18next'
import type { Conflict } from '@/api/types'
import { toneIcon } from '@/components/mark'
import { useBilingual } from '@/components/words'

/** Each conflict, and below it what would resolve it. */
export function ConflictList({ conflicts }: { readonly conflicts: readonly Conflict[] }) {
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
                    <BulbOutlined aria-hidden="true" /> {say(resolution)}
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
