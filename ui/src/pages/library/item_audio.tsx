/** The recording of an item: bring one, see it read, hear it. */
import { LoadingOutlined } from '@ant-design/icons'
import { Alert } from 'antd'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import type { Item, ItemVersion } from '@/api/types'
import { Loading } from '@/components/page'
import { useBilingual, useVietnamese } from '@/components/words'
import { useUpload } from '@/lib/hooks'
import { showDuration } from '@/lib/time'
import { UploadPanel } from './upload_panel'

const Player = lazy(() => import('./player'))

interface ItemAudioProps {
  readonly item: Item
  readonly mayEdit: boolean
  readonly onHeard: (part: number) => void
}

export function ItemAudio({ item, mayEdit, onHeard }: ItemAudioProps) {
  const { t } = useTranslation()
  const vietnamese = useVietnamese()
  const upload = useUpload(item.id)
  const version = item.versions.at(-1)
  const playable = version?.sha256 != null
  const refusal = item.refusal ?? version?.refusal ?? null

  return (
    <section className="panel audio" aria-label={t('audio.title')}>
      <h2>{t('audio.title')}</h2>
      {item.status === 'processing' && (
        <p className="note tone-info" role="status">
          <LoadingOutlined aria-hidden="true" /> {t('audio.processing', { name: version?.source_name ?? '' })}
        </p>
      )}
      {item.status === 'refused' && refusal !== null && (
        <Alert
          type="error"
          showIcon
          message={t('audio.refused', { name: version?.source_name ?? '' })}
          description={
            <>
              <p className="refusal">
                {vietnamese ? refusal.message_vi || refusal.message : refusal.message}
              </p>
              <p>{t('audio.refused_advice')}</p>
            </>
          }
        />
      )}
      {playable && (
        <Suspense fallback={<Loading rows={2} />}>
          <Player key={version.sha256} version={version} onHeard={onHeard} />
          <AudioFigures version={version} />
        </Suspense>
      )}
      {!playable && item.status === 'draft' && !mayEdit && upload === null && (
        <p className="quiet">{t('audio.none')}</p>
      )}
      {mayEdit && item.status !== 'processing' && <UploadPanel item={item} hasAudio={playable} />}
    </section>
  )
}

function AudioFigures({ version }: { readonly version: ItemVersion }) {
  const { t, i18n } = useTranslation()
  const say = useBilingual()
  const decimal = (value: number) => value.toLocaleString(i18n.language, { maximumFractionDigits: 1 })
  return (
    <>
      <dl className="audio-figures">
        <div>
          <dt>{t('audio.length')}</dt>
          <dd>{showDuration(version.duration_ms)}</dd>
        </div>
        {version.integrated_lufs !== null && (
          <div>
            <dt>{t('audio.loudness')}</dt>
            <dd>{t('audio.lufs', { value: decimal(version.integrated_lufs) })}</dd>
          </div>
        )}
        {version.true_peak_dbtp !== null && (
          <div>
            <dt>{t('audio.peak')}</dt>
            <dd>{t('audio.dbtp', { value: decimal(version.true_peak_dbtp) })}</dd>
          </div>
        )}
        <div>
          <dt>{t('audio.source')}</dt>
          <dd className="break-anywhere">{version.source_name}</dd>
        </div>
      </dl>
      {version.warnings.length > 0 && (
        <Alert
          type="warning"
          showIcon
          message={t('audio.warnings')}
          description={
            <ul className="warnings">
              {version.warnings.map((warning) => (
                <li key={warning.en}>{say(warning)}</li>
              ))}
            </ul>
          }
        />
      )}
    </>
  )
}
