/** Vietnamese comes with the first load, English when someone asks for it. */
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import vi from './vi.json'

export type Language = 'vi' | 'en'
const languageKey = 'loa.language'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation'
    resources: { translation: typeof vi }
  }
}

export async function loadLanguage(language: Language): Promise<void> {
  if (language === 'en' && !i18next.hasResourceBundle('en', 'translation')) {
    const { default: en } = await import('./en.json')
    i18next.addResourceBundle('en', 'translation', en)
  }
  localStorage.setItem(languageKey, language)
  await i18next.changeLanguage(language)
}

export async function startTranslation(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'vi',
    fallbackLng: 'vi',
    resources: { vi: { translation: vi } },
    interpolation: { escapeValue: false },
    returnNull: false,
    showSupportNotice: false,
  })
  if (localStorage.getItem(languageKey) === 'en') await loadLanguage('en')
}
