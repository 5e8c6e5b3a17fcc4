/** The presets of config/, to begin a form with. */
import { Select } from 'antd'
import type { Presets } from '@/api/types'
import { usePresets } from '@/app/queries'
import { ProblemNotice } from '@/components/page'

/** What a preset puts into the form. */
export interface Offer<Draft> {
  readonly id: string
  readonly label: string
  readonly draft: Draft
}

interface PresetChoiceProps<Draft> {
  readonly label: string
  readonly offers: (presets: Presets) => Offer<Draft>[]
  readonly onChoose: (offer: Offer<Draft>) => void
}

export function PresetChoice<Draft>({ label, offers, onChoose }: PresetChoiceProps<Draft>) {
  const presets = usePresets()
  if (presets.error !== null)
    return <ProblemNotice error={presets.error} onRetry={() => void presets.refetch()} />
  const known = presets.data === undefined ? [] : offers(presets.data)
  return (
    <Select
      className="preset-choice"
      aria-label={label}
      placeholder={label}
      value={null}
      loading={presets.isPending}
      popupMatchSelectWidth={false}
      options={known.map((offer) => ({ value: offer.id, label: offer.label }))}
      onChange={(id: string | null) => {
        const chosen = known.find((offer) => offer.id === id)
        if (chosen !== undefined) onChoose(chosen)
      }}
    />
  )
}
