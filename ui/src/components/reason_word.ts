/** `reason` in the airing log is a word for programs ("output-hung"); people get a sentence, and an unknown word as it stands. */
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type vi from '@/i18n/vi.json'

type KnownReason = keyof (typeof vi)['reason']

export function useReasonWord(): (reason: string) => string {
  const { t, i18n } = useTranslation()
  return useCallback(
    (reason) => (i18n.exists(`reason.${reason}`) ? t(`reason.${reason as KnownReason}`) : reason),
    [t, i18n],
  )
}
