/** One's own things: language, light or dark, password, sign out. */
import { Button, Popover, Segmented } from 'antd'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Language } from '@/i18n'
import { usePreferences, type Appearance } from './preferences'
import { useSession, useUser } from './session'

const PasswordDialog = lazy(() => import('./password_dialog'))

export function PersonMenu({ children }: { readonly children: ReactNode }) {
  const { t } = useTranslation()
  const { signOut } = useSession()
  const user = useUser()
  const { language, setLanguage, appearance, setAppearance } = usePreferences()
  const [open, setOpen] = useState(false)
  const [changing, setChanging] = useState(false)

  const content = (
    <div className="person-menu">
      <p className="person-menu-name">
        <strong>{user.full_name}</strong>
        <br />
        <span className="quiet">{user.username}</span>
      </p>
      <label className="field-label" id="language-label">
        {t('person.language')}
      </label>
      <Segmented<Language>
        block
        aria-labelledby="language-label"
        value={language}
        onChange={setLanguage}
        options={[
          { value: 'vi', label: t('person.vietnamese') },
          { value: 'en', label: t('person.english') },
        ]}
      />
      <label className="field-label" id="appearance-label">
        {t('person.appearance')}
      </label>
      <Segmented<Appearance>
        block
        aria-labelledby="appearance-label"
        value={appearance}
        onChange={setAppearance}
        options={[
          { value: 'auto', label: t('person.auto') },
          { value: 'light', label: t('person.light') },
          { value: 'dark', label: t('person.dark') },
        ]}
      />
      <Button
        block
        onClick={() => {
          setOpen(false)
          setChanging(true)
        }}
      >
        {t('person.change_password')}
      </Button>
      <Button block danger onClick={() => void signOut()}>
        {t('person.sign_out')}
      </Button>
    </div>
  )

  return (
    <>
      <Popover
        content={content}
        trigger="click"
        placement="topRight"
        open={open}
        onOpenChange={setOpen}
        destroyOnHidden
      >
        <button type="button" className="person" aria-haspopup="dialog" aria-expanded={open}>
          {children}
        </button>
      </Popover>
      {changing && (
        <Suspense fallback={null}>
          <PasswordDialog onClose={() => setChanging(false)} />
        </Suspense>
      )}
    </>
  )
}
