/** What was measured of one airing: how well the mix matched the approved item, how loud it was, and whether a monitor heard it. */
import { useTranslation } from 'react-i18next'
import type { EvidenceAiring } from '@/api/types'
import { Mark } from '@/components/mark'
import { toneOfHeard, toneOfMatch } from '@/lib/tones'

export function ProofLine({ airing }: { readonly airing: EvidenceAiring }) {
  const { t } = useTranslation()
  const { mix, heard, gaps } = airing
  return (
    <div className="airing-line airing-proof">
      {mix === null ? (
        <span className="quiet">{t('evidence.not_measured')}</span>
      ) : (
        <>
          <Mark tone={toneOfMatch(mix.match)}>
            {mix.match === null
              ? t('evidence.match_unknown')
              : t('evidence.match', { percent: Math.floor(mix.match / 10) })}
          </Mark>
          {mix.loudness !== null && <span>{t('evidence.loudness', { lufs: mix.loudness / 100 })}</span>}
        </>
      )}
      {gaps > 0 && <span className="airing-reason">{t('evidence.gaps', { count: gaps })}</span>}
      {heard !== null && (
        <Mark tone={toneOfHeard(heard.result)}>
          {t(`evidence.heard.${heard.result}`)}
          {heard.result === 'yes' && heard.match !== null && (
            <>
              {' '}
              {heard.delay_ms === null
                ? t('evidence.heard_how', { percent: Math.floor(heard.match / 10) })
                : t('evidence.heard_when', {
                    percent: Math.floor(heard.match / 10),
                    seconds: heard.delay_ms / 1000,
                  })}
            </>
          )}
        </Mark>
      )}
    </div>
  )
}
