/** The kinds of unit that have a word here; any other stands as the data says it. */
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'

export const knownUnitKinds = ['province', 'city', 'district', 'town', 'commune', 'ward', 'township'] as const
type KnownUnitKind = (typeof knownUnitKinds)[number]

export function useUnitKindWord(): (kind: string) => string {
  const { t } = useTranslation()
  return useCallback(
    (kind) =>
      (knownUnitKinds as readonly string[]).includes(kind) ? t(`unit_kind.${kind as KnownUnitKind}`) : kind,
    [t],
  )
}
