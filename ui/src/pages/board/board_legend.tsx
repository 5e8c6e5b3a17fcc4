import { useTranslation } from 'react-i18next'
import { Mark } from '@/components/mark'
import { toneOfBoardWord } from '@/lib/tones'

const words = ['done', 'on_track', 'at_risk', 'failed', 'future'] as const

export function BoardLegend() {
  const { t } = useTranslation()
  return (
    <ul className="legend" aria-label={t('board.legend')}>
      {words.map((word) => (
        <li key={word}>
          <Mark tone={toneOfBoardWord(word)}>{t(`board.word.${word}`)}</Mark>
          <span className="quiet">{t(`board.meaning.${word}`)}</span>
        </li>
      ))}
    </ul>
  )
}
