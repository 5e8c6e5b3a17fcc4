/** Language and light or dark, as the person chose them on this device. */
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { loadLanguage, type Language } from '@/i18n'

export type Appearance = 'auto' | 'light' | 'dark'

interface Preferences {
  readonly language: Language
  readonly setLanguage: (language: Language) => void
  readonly appearance: Appearance
  readonly setAppearance: (appearance: Appearance) => void
  readonly dark: boolean
}

const PreferencesContext = createContext<Preferences | null>(null)
const appearanceKey = 'loa.appearance'

function storedAppearance(): Appearance {
  const text = localStorage.getItem(appearanceKey)
  return text === 'light' || text === 'dark' ? text : 'auto'
}

export function PreferencesProvider({ children }: { readonly children: ReactNode }) {
  const { i18n } = useTranslation()
  const language: Language = i18n.language === 'en' ? 'en' : 'vi'
  const [appearance, setAppearanceState] = useState(storedAppearance)
  const [systemDark, setSystemDark] = useState(
    () => window.matchMedia('(prefers-color-scheme: dark)').matches,
  )

  useEffect(() => {
    const media = window.matchMedia('(prefers-color-scheme: dark)')
    const listen = (event: MediaQueryListEvent) => setSystemDark(event.matches)
    media.addEventListener('change', listen)
    return () => media.removeEventListener('change', listen)
  }, [])

  const dark = appearance === 'dark' || (appearance === 'auto' && systemDark)
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  }, [dark])
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])

  const setLanguage = useCallback((next: Language) => void loadLanguage(next), [])
  const setAppearance = useCallback((next: Appearance) => {
    localStorage.setItem(appearanceKey, next)
    setAppearanceState(next)
  }, [])

  const value = useMemo(
    () => ({ language, setLanguage, appearance, setAppearance, dark }),
    [language, setLanguage, appearance, setAppearance, dark],
  )
  return <PreferencesContext.Provider value={value}>{children}</PreferencesContext.Provider>
}

export function usePreferences(): Preferences {
  const value = useContext(PreferencesContext)
  if (value === null) throw new Error('usePreferences needs a PreferencesProvider')
  return value
}
