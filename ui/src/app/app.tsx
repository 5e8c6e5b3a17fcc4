import { QueryClientProvider } from '@tanstack/react-query'
import { App as AntApp, ConfigProvider } from 'antd'
import type { Locale } from 'antd/es/locale'
import viVN from 'antd/es/locale/vi_VN'
import dayjs from 'dayjs'
import 'dayjs/locale/vi'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { Loading, ProblemNotice } from '@/components/page'
import { SignInPage } from '@/pages/sign_in/sign_in_page'
import { PreferencesProvider, usePreferences } from './preferences'
import { queryClient } from './query_client'
import { SessionProvider, useSession } from './session'
import { themeOf } from './theme'

// What only people who are signed in need comes after the sign-in page.
const Places = lazy(() => import('./router'))

export function App() {
  return (
    <PreferencesProvider>
      <Themed />
    </PreferencesProvider>
  )
}

function Themed() {
  const { dark, language } = usePreferences()
  const [locale, setLocale] = useState<Locale>(viVN)
  useEffect(() => {
    dayjs.locale(language)
    if (language === 'vi') {
      setLocale(viVN)
      return
    }
    void import('antd/es/locale/en_GB').then(({ default: enGB }) => setLocale(enGB))
  }, [language])
  const theme = useMemo(() => themeOf(dark), [dark])
  return (
    <ConfigProvider locale={locale} theme={theme}>
      <AntApp>
        <QueryClientProvider client={queryClient}>
          <SessionProvider>
            <Gate />
          </SessionProvider>
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  )
}

/** The sign-in page stands in for any page while no one is signed in; the address stays, so signing in goes on there. */
function Gate() {
  const session = useSession()
  if (session.state === 'loading') return <Loading rows={4} />
  if (session.state === 'failed') {
    return (
      <main className="page page-narrow">
        <ProblemNotice error={session.error} onRetry={session.retry} />
      </main>
    )
  }
  if (session.state === 'signed_out') return <SignInPage />
  return (
    <Suspense fallback={<Loading />}>
      <Places />
    </Suspense>
  )
}
