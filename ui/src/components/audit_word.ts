import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type vi from '@/i18n/vi.json'

type KnownAction = keyof (typeof vi)['audit_action']

/** "item.approve" in words; an action that is new here stands as it is. */
export function useAuditWord(): (action: string) => string {
  const { t, i18n } = useTranslation()
  return useCallback(
    (action) => {
      const key = action.replace(/[.-]/g, '_')
      return i18n.exists(`audit_action.${key}`) ? t(`audit_action.${key as KnownAction}`) : action
    },
    [t, i18n],
  )
}
