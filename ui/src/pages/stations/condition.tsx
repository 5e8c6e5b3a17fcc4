/** How a station's outputs are, as its agent last told. */
import { useTranslation } from 'react-i18next'
import type { OutputCondition, StationCondition } from '@/api/types'
import { Mark } from '@/components/mark'
import { millisecondsOf, onTimeWithin, toneOfOutput, wordOfFailure, wordOfOutput } from '@/lib/conditions'
import { showDuration } from '@/lib/time'

export function Condition({ condition }: { readonly condition: StationCondition }) {
  const { t } = useTranslation()
  return (
    <span className="log-state">
      {condition.silent && <Mark tone="bad">{t('condition.silent')}</Mark>}
      {condition.media_missing > 0 && (
        <Mark tone="warn">{t('condition.media_missing', { count: condition.media_missing })}</Mark>
      )}
      {condition.outputs.length === 0 && <span className="quiet">{t('condition.no_outputs')}</span>}
      {condition.outputs.map((output) => (
        <Output key={output.name} output={output} playing={condition.playing} />
      ))}
    </span>
  )
}

function Output({ output, playing }: { readonly output: OutputCondition; readonly playing: boolean }) {
  const { t } = useTranslation()
  const word = wordOfOutput(output, playing)
  const late = output.start_error_p99_us > onTimeWithin
  return (
    <span data-output={output.name}>
      <Mark tone={toneOfOutput[word]}>
        {t('condition.output', { name: output.name, word: t(`condition.word.${word}`) })}
      </Mark>
      {word === 'failing' && (
        <small className="quiet"> {t(`condition.failure.${wordOfFailure(output.failure)}`)}</small>
      )}
      {output.starts > 0 && (
        <small className={late ? 'tone-warn condition-late' : 'quiet'}>
          {' '}
          {t('condition.on_time', {
            usual: millisecondsOf(output.start_error_p50_us),
            most: millisecondsOf(output.start_error_p99_us),
          })}
        </small>
      )}
      {output.lost_ms >= 1000 && (
        <small className="quiet"> {t('condition.lost', { time: showDuration(output.lost_ms) })}</small>
      )}
    </span>
  )
}
