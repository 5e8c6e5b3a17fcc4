import { useMutation } from '@tanstack/react-query'
import { Button, Form, Input } from 'antd'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { usePreferences } from '@/app/preferences'
import { useSession } from '@/app/session'
import { Logo } from '@/components/logo'
import { ProblemNotice } from '@/components/page'
import { Dawn } from './dawn'
import '@/styles/sign_in.css'

interface Fields {
  username: string
  password: string
}

export function SignInPage() {
  const { t } = useTranslation()
  const { signIn } = useSession()
  const { language, setLanguage } = usePreferences()
  const enter = useMutation({ mutationFn: ({ username, password }: Fields) => signIn(username, password) })

  useEffect(() => {
    document.title = `${t('sign_in.title')} · Loa`
  }, [t])

  return (
    <div className="sign-in">
      <Dawn />
      <main className="sign-in-card">
        <div className="sign-in-brand">
          <Logo size={48} />
          <div>
            <strong>{t('brand.name')}</strong>
            <span>{t('brand.long')}</span>
          </div>
        </div>
        <h1>{t('sign_in.title')}</h1>
        <Form<Fields>
          layout="vertical"
          size="large"
          requiredMark={false}
          onFinish={(fields) => enter.mutate(fields)}
        >
          {enter.error !== null && (
            <div className="sign-in-problem">
              <ProblemNotice error={enter.error} />
            </div>
          )}
          <Form.Item
            name="username"
            label={t('sign_in.username')}
            normalize={(value: string) => value.trim().toLowerCase()}
            rules={[{ required: true, message: t('sign_in.username_missing') }]}
          >
            <Input autoFocus autoComplete="username" autoCapitalize="none" spellCheck={false} />
          </Form.Item>
          <Form.Item
            name="password"
            label={t('sign_in.password')}
            rules={[{ required: true, message: t('sign_in.password_missing') }]}
          >
            <Input.Password autoComplete="current-password" />
          </Form.Item>
          <Button type="primary" htmlType="submit" block loading={enter.isPending}>
            {t('sign_in.enter')}
          </Button>
        </Form>
        <p className="sign-in-help">{t('sign_in.help')}</p>
        <div className="sign-in-language">
          <Button type="text" size="small" onClick={() => setLanguage(language === 'vi' ? 'en' : 'vi')}>
            {language === 'vi' ? t('person.english') : t('person.vietnamese')}
          </Button>
        </div>
      </main>
    </div>
  )
}
